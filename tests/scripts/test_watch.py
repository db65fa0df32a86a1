"""A script saved on disk is live in the next call, however it is saved."""

from __future__ import annotations

import asyncio

import pytest
from tests.scripts.plant import MENU

from tocsin.scripts.project import unfinished
from tocsin.scripts.release import source


@pytest.fixture
async def next_change(library):
    """Start the watch; return a function that waits for the next change it reports."""
    told: asyncio.Queue = asyncio.Queue()
    library.subscribe(lambda name, release, findings: told.put_nowait((release, findings)))
    library.start_watching()
    await asyncio.sleep(0.05)  # the first look is over; a save before it is found as well, only later

    async def wait(until=lambda release, findings: True):
        async with asyncio.timeout(10):
            while True:
                release, findings = await told.get()
                if until(release, findings):
                    return release, findings

    return wait


async def test_a_saved_script_is_live(library, project, next_change):
    """Written in place, as most programs do."""
    project.save("20_menu.py", "x = 1\n")
    release, _ = await next_change()

    assert library.current(".") is release
    assert release.files[1].text == "x = 1\n"


async def test_a_script_renamed_into_place_is_live(library, project, next_change):
    """Written beside it and renamed, as careful editors do."""
    project.save_as_editors_do("20_menu.py", "x = 2\n")
    release, _ = await next_change()

    assert release.files[1].text == "x = 2\n"


async def test_a_script_added_and_one_removed_are_noticed(library, project, next_change):
    """The set changes with its files."""
    project.save("30_override.py", "x = 3\n")
    release, _ = await next_change()
    assert len(release.files) == 3

    (project.scripts / "10_greeting.py").unlink()
    release, _ = await next_change()
    assert [one.name for one in release.files] == ["20_menu.py", "30_override.py"]


async def test_a_script_emptied_and_filled_slowly_is_never_live_empty(library, project, next_change):
    """The half-written state is waited out."""
    with (project.scripts / "20_menu.py").open("w") as file:
        await asyncio.sleep(0.03)
        file.write("x = 4\n")
    release, _ = await next_change()

    assert release.files[1].text == "x = 4\n"


UPLOADED = 'if callAction == "answer":\n    response = "<Response/>"\n' + "# more\n" * 20


@pytest.mark.parametrize("gap_s", [0.05, 0.3])
@pytest.mark.parametrize("how", ["emptied", "half", "cut off", "deleted"])
async def test_an_upload_in_pieces_is_never_live_in_part(
    library, project, next_change, monkeypatch, how, gap_s
):
    """A call that begins between two pieces would keep what was there to its end."""
    monkeypatch.setattr("tocsin.scripts.project.PATIENCE_S", 2.0)  # so that a busy machine is no part of it
    file = project.save("20_menu.py", UPLOADED + "# the end\n")
    await next_change(lambda release, _: release is not None and release.files[1].text == file.read_text())
    seen = []
    library.subscribe(lambda _, release, __: seen.append(release and [one.text for one in release.files]))
    whole = UPLOADED if how == "cut off" else UPLOADED.replace("answer", "menu")
    if how == "deleted":
        file.unlink()
        await asyncio.sleep(gap_s)
        file.write_text(whole)
    else:
        with file.open("w") as writing:
            writing.write({"emptied": "", "half": whole[:95], "cut off": whole[:-7]}[how])
            writing.flush()
            await asyncio.sleep(gap_s)
            writing.write(
                {"emptied": whole, "half": whole[95:], "cut off": whole[-7:] + "# another end\n"}[how]
            )
    await next_change()

    assert seen == [[library.current(".").files[0].text, file.read_text()]]


@pytest.mark.parametrize("how", ["emptied", "deleted"])
async def test_what_is_taken_away_and_stays_away_is_gone_a_moment_later(library, project, next_change, how):
    """An author may mean it."""
    file = project.scripts / "20_menu.py"
    file.write_text("") if how == "emptied" else file.unlink()
    release, findings = await next_change()

    assert [one.text for one in release.files[1:]] == ([""] if how == "emptied" else [])
    assert findings == ()


@pytest.mark.parametrize(
    ("found", "waits"),
    [
        ({"10_a.py": "x = 1\n", "20_b.py": "y = 3\n"}, False),
        ({"10_a.py": "x = 1\n", "30_b.py": "y = 2\n"}, False),
        ({"10_a.py": "x = 1\n", "20_b.py": "y = 2\n", "30_c.py": "z = 3\n"}, False),
        ({"10_a.py": "x = 1\n"}, True),
        ({"10_a.py": "x = 1\n", "20_b.py": ""}, True),
        ({"10_a.py": "x = 1\n", "20_b.py": "y = "}, True),
        ({"10_a.py": "x = 1\n", "20_b.py": "y = 2\n", "30_c.py": "z = "}, True),
    ],
    ids=["saved", "renamed", "added", "missing", "empty", "beginning", "new without an end"],
)
def test_only_what_looks_unfinished_waits(found, waits):
    """An ordinary save is live at once."""
    before, now = (
        [source(name, text) for name, text in files.items()]
        for files in ({"10_a.py": "x = 1\n", "20_b.py": "y = 2\n"}, found)
    )
    assert unfinished(now, before) is waits


async def test_a_storm_of_saves_ends_with_the_last_one(library, sandbox, project, next_change):
    """A hundred saves cost far fewer reloads."""
    before = sandbox.published
    for number in range(100):
        project.save("20_menu.py", f"x = {number}\n")
        await asyncio.sleep(0)
    await next_change(lambda release, _: release.files[1].text == "x = 99\n")

    assert library.current(".").files[1].text == "x = 99\n"
    assert sandbox.published - before < 50


async def test_a_mistake_is_told_and_its_mending_too(library, project, next_change):
    """While it lasts, the last good release answers."""
    good = library.current(".")
    project.save("20_menu.py", "def broken(:\n")
    release, findings = await next_change()
    assert release is None
    assert library.current(".") is good
    assert findings[0].line == 1

    project.save("20_menu.py", MENU)
    assert await next_change() == (good, ())


async def test_what_a_link_leads_to_is_watched(library, project, next_change):
    """It lies outside the folder; the sweep finds it."""
    shared = project.path / "shared.py"
    shared.write_text("x = 5\n")
    (project.scripts / "20_menu.py").unlink()
    (project.scripts / "20_menu.py").symlink_to("../shared.py")
    await next_change(lambda release, _: release is not None and release.files[-1].text == "x = 5\n")
    shared.write_text("x = 6\n")
    release, _ = await next_change()

    assert release.files[1].text == "x = 6\n"


async def test_the_folder_may_be_exchanged_as_a_whole(library, project, next_change):
    """As deployments do: a new folder is renamed into the place of the old one."""
    fresh = project.path / "fresh"
    fresh.mkdir()
    (fresh / "10_greeting.py").write_text("x = 7\n")
    project.scripts.rename(project.path / "old")
    fresh.rename(project.scripts)
    release, _ = await next_change(lambda release, _: release is not None and len(release.files) == 1)
    assert release.files[0].text == "x = 7\n"

    (project.scripts / "10_greeting.py").write_text("x = 8\n")
    release, _ = await next_change()
    assert release.files[0].text == "x = 8\n"


async def test_what_was_saved_while_the_watch_was_set_up_is_not_missed(library, project):
    """Between the first loading and the watch's first look."""
    project.save("20_menu.py", "x = 9\n")
    live = asyncio.Event()
    library.subscribe(lambda *_: live.set())
    library.start_watching()
    async with asyncio.timeout(10):
        await live.wait()

    assert library.current(".").files[1].text == "x = 9\n"
