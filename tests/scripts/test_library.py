"""Scripts come into force whole, stay for the calls that began with them, and the last good set never goes."""

from __future__ import annotations

import asyncio
import shutil

import pytest
from tests.scripts.conftest import DEFAULT
from tests.scripts.plant import GREETING, MENU, CompilingSandbox

from tocsin.scripts import Library, retries
from tocsin.scripts.release import DEFAULT_DOMAIN


def names(release):
    return [one.name for one in release.files]


@pytest.fixture
def at_once(monkeypatch):
    """What was put off is tried again without the pause."""
    monkeypatch.setattr(retries, "AGAIN_S", 0.001)


async def soon(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


async def test_what_was_saved_while_the_sandbox_was_down_goes_live_when_it_is_back(
    library, sandbox, project, at_once
):
    """Nothing about the files is wrong, so nobody would save them again."""
    before, told = library.current("."), []
    library.subscribe(lambda *news: told.append(news))
    sandbox.outage = "the zygote has died"
    project.save("20_menu.py", MENU + "# saved\n")
    (finding,) = await library.reload(".")
    attempts = sandbox.published
    await soon(lambda: sandbox.published > attempts + 2)

    assert finding.message == "the scripts could not be loaded: the zygote has died"
    assert library.current(".") is before
    sandbox.outage = ""
    await soon(lambda: library.findings(".") == ())
    assert library.current(".").files[1].text.endswith("# saved\n")
    assert [len(findings) for _, _, findings in told] == [1, 0]
    attempts = sandbox.published
    await asyncio.sleep(0.02)
    assert sandbox.published == attempts


async def test_a_start_without_a_sandbox_is_made_good(another_library, project, at_once):
    """The project and the default come into force once they can, whether or not anybody saves a file."""
    sandbox = CompilingSandbox()
    sandbox.outage = "the sandbox is not running"
    library = another_library(sandbox)
    await library.start({".": project.path})
    assert library.current(".") is library.default
    sandbox.outage = ""
    await soon(lambda: names(library.current(".")) == ["10_greeting.py", "20_menu.py"])
    await soon(lambda: (DEFAULT_DOMAIN, library.default.key) in sandbox.held)

    assert library.findings(".") == ()
    await library.aclose()


async def test_a_project_that_is_gone_is_not_tried_again(library, sandbox, project, at_once):
    """And nothing is once the library is closed."""
    sandbox.outage = "the zygote has died"
    project.save("20_menu.py", MENU + "# saved\n")
    await library.reload(".")
    await library.start({})
    attempts = sandbox.published
    await asyncio.sleep(0.02)

    assert sandbox.published == attempts


async def test_a_project_is_in_force_with_the_default_behind_it(library, sandbox, project):
    """One program of the files in order, in the project's own domain."""
    release = library.current(".")
    program = sandbox.held[str(project.path), release.key]

    assert names(release) == ["10_greeting.py", "20_menu.py"]
    assert [one.name for one in program.scripts] == ["10_greeting.py", "20_menu.py"]
    assert [one.name for one in program.fallback] == ["default/acknowledge.py"]
    assert library.findings(".") == ()


async def test_modules_belong_to_the_release_and_are_not_run(library, sandbox, project):
    """Changing only a module makes another release."""
    before = library.current(".")
    project.save("_plant.py", "LEVEL = 90\n")
    assert await library.reload(".") == []
    release = library.current(".")

    assert release.id != before.id
    assert [one.name for one in release.program.modules] == ["_plant.py"]
    assert "_plant.py" not in [one.name for one in release.program.scripts]


async def test_a_release_names_every_file_of_the_default(library, db, clock, tmp_path):
    """Another version of one of its modules makes other releases, and a call finds again the one it began with."""
    shutil.copytree(DEFAULT.parent, tmp_path / "shipped")
    words = tmp_path / "shipped" / "_default_words.py"
    words.write_text(words.read_text() + "# changed\n")
    updated = Library(
        sandbox=CompilingSandbox(), db=db, clock=clock, default=tmp_path / "shipped" / DEFAULT.name
    )
    await updated.start({})

    assert updated.default.id != library.default.id
    assert await updated.release(library.default.id) == library.default
    first, *_ = library.default.program.fallback_modules
    assert first.name == "default/_default_acknowledging.py"
    await updated.aclose()


async def test_a_project_without_scripts_and_an_unknown_one_have_the_default(library, sandbox, tmp_path):
    """Every call is answered."""
    (tmp_path / "empty" / "twilio_scripts").mkdir(parents=True)
    await library.start({"empty": tmp_path / "empty", "none": None})

    for project in ("empty", "none", "never heard of"):
        assert library.current(project) is library.default
    assert (DEFAULT_DOMAIN, library.default.key) in sandbox.held
    assert library.default.program.scripts == ()


async def test_what_does_not_compile_leaves_the_last_good_release_in_force(library, project):
    """The finding gives file, line, the line itself and why."""
    good = library.current(".")
    project.save("20_menu.py", MENU + "def broken(:\n")
    (finding,) = await library.reload(".")

    assert library.current(".") is good
    assert (finding.file, finding.line) == ("twilio_scripts/20_menu.py", 3)
    assert "def broken(:" in finding.source
    assert library.findings(".") == (finding,)

    project.save("20_menu.py", MENU)
    assert await library.reload(".") == []
    assert library.current(".") is good


async def test_one_unusable_file_keeps_the_whole_set_out_of_force(library, project):
    """A set that is half old and half new never runs."""
    good = library.current(".")
    project.save("10_greeting.py", GREETING + "# changed\n")
    (project.scripts / "20_menu.py").write_bytes(b"\xff\xfe")
    await library.reload(".")

    assert library.current(".") is good


async def test_a_folder_that_disappears_takes_no_scripts_with_it(library, project):
    """Moved away for a moment, or by mistake; an empty one says that the default alone is wanted."""
    good = library.current(".")
    shutil.rmtree(project.scripts)
    (finding,) = await library.reload(".")
    assert library.current(".") is good
    assert "stay in force" in finding.message

    project.scripts.mkdir()
    assert await library.reload(".") == []
    assert library.current(".") is library.default


async def test_the_same_files_are_the_same_release(library, project):
    """An undone change is back at once, and nothing is published twice."""
    first = library.current(".")
    project.save("20_menu.py", MENU + "\n")
    await library.reload(".")
    project.save("20_menu.py", MENU)
    await library.reload(".")

    assert library.current(".") == first


async def test_a_call_keeps_its_release_until_it_ends(library, sandbox, clock, project):
    """However often scripts are saved meanwhile; afterwards it is let go."""
    first = library.current(".")
    library.pin("call", first.id)
    for number in range(3):
        project.save("20_menu.py", f"x = {number}\n")
        await library.reload(".")
        await clock.advance(120)
    assert await library.release(first.id) is first
    assert (first.domain, first.key) in sandbox.held

    library.unpin("call")
    assert (first.domain, first.key) not in sandbox.held
    assert len(sandbox.held) == 2  # the default and what is in force


async def test_a_call_whose_end_was_missed_keeps_its_release_for_hours_not_for_ever(
    library, sandbox, clock, project
):
    """A call the last process had begun may never come back; nobody unpins it."""
    first = library.current(".")
    library.pin("call", first.id)
    project.save("20_menu.py", "x = 1\n")
    await library.reload(".")
    await clock.advance(4 * 3600)
    library.tidy()
    assert (first.domain, first.key) in sandbox.held

    await clock.advance(2 * 3600)
    library.tidy()
    assert (first.domain, first.key) not in sandbox.held


async def test_a_release_is_found_again_after_a_restart(library, another_library, project):
    """With its own sources, whatever lies on disk now, and with the default it had."""
    began_with = library.current(".")
    project.save("20_menu.py", "x = 1\n")
    await library.reload(".")
    await library.aclose()

    sandbox = CompilingSandbox()
    restarted = another_library(sandbox)
    await restarted.start({".": project.path})
    found = await restarted.release(began_with.id)

    assert found == began_with
    assert restarted.current(".") != began_with
    assert sandbox.held[found.domain, found.key] == began_with.program
    await restarted.aclose()


async def test_a_release_that_takes_long_to_load_is_none_for_a_turn_and_there_for_the_next(
    library, another_library, project
):
    """A caller does not wait in silence for a compiler: the release in force answers meanwhile."""
    began_with = library.current(".")
    project.save("20_menu.py", "x = 1\n")
    await library.reload(".")
    await library.aclose()
    sandbox = SlowSandbox()
    sandbox.may_go_on.set()
    restarted = another_library(sandbox)
    await restarted.start({".": project.path})
    sandbox.may_go_on.clear()

    assert await restarted.release(began_with.id, within_s=0.05) is None
    sandbox.may_go_on.set()
    assert await restarted.release(began_with.id) == began_with
    assert [key for _, key in sandbox.held].count(began_with.key) == 1
    await restarted.aclose()


class SlowSandbox(CompilingSandbox):
    """Publishes once the test lets it."""

    def __init__(self):
        super().__init__()
        self.may_go_on = asyncio.Event()

    async def publish(self, domain, program):
        await self.may_go_on.wait()
        return await super().publish(domain, program)


async def test_an_unknown_release_is_none(library):
    """The caller then goes on with the release in force."""
    assert await library.release("0" * 32) is None


async def test_a_release_that_cannot_be_read_is_none_too(library, db):
    """No trouble of the database keeps a call from being answered by the scripts in force."""
    await db.aclose()
    assert await library.release("0" * 32) is None


async def test_storage_in_trouble_holds_no_script_back(library, db, clock, project):
    """A saved script matters more than the record of it."""
    await db.aclose()
    project.save("20_menu.py", "x = 1\n")
    assert await library.reload(".") == []

    release = library.current(".")
    assert release.files[1].text == "x = 1\n"
    assert await library.release(release.id) is release


async def test_subscribers_hear_of_every_change_and_of_nothing_else(library, project):
    """The release in force, or None with the reasons."""
    told = []
    library.subscribe(
        lambda name, release, findings: told.append((name, release and release.id, len(findings)))
    )
    await library.reload(".")
    project.save("20_menu.py", "x = 1\n")
    await library.reload(".")
    project.save("20_menu.py", "x = (\n")
    await library.reload(".")
    await library.reload(".")

    assert told == [(".", library.current(".").id, 0), (".", None, 1)]


async def test_projects_come_and_go_with_the_configuration(library, project, tmp_path):
    """A project that stays is not loaded again; one that moved is."""
    kept = library.current(".")
    other = tmp_path / "other"
    (other / "twilio_scripts").mkdir(parents=True)
    (other / "twilio_scripts" / "10_greeting.py").write_text(GREETING)
    await library.start({".": project.path, "other": other})
    assert library.current(".") is kept
    assert names(library.current("other")) == ["10_greeting.py"]

    await library.start({"other": project.path})
    assert library.current(".") is library.default
    assert names(library.current("other")) == ["10_greeting.py", "20_menu.py"]
    assert library.current("other").domain == str(project.path)
