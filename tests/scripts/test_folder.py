"""Which files of `twilio_scripts/` count, and what is said of those that cannot be used."""

from __future__ import annotations

import os

import pytest
from tests.scripts.plant import GREETING, MENU, Project

from tocsin.scripts.folder import LARGEST_FILE, ScriptFolder, counts


@pytest.fixture
def place(tmp_path):
    return Project(tmp_path / "plant")


def names_and_findings(place: Project) -> tuple[list[str], list[str]]:
    reading = ScriptFolder(place.path).read()
    return [one.name for one in reading.files], [str(one) for one in reading.findings]


def test_scripts_come_in_the_order_of_their_names(place):
    """Whatever the file system says first."""
    for name in ("30_override.py", "10_greeting.py", "_plant.py", "20_menu.py"):
        place.save(name, GREETING)

    assert names_and_findings(place) == (["10_greeting.py", "20_menu.py", "30_override.py", "_plant.py"], [])


@pytest.mark.parametrize(
    "name",
    [
        ".20_menu.py.swp",
        ".#20_menu.py",
        "#20_menu.py#",
        "20_menu.py~",
        "~20_menu.py",
        "4913",
        "20_menu.py___jb_tmp___",
        ".20_menu.py.kate-swp",
        "20_menu.pyc",
        "notes.txt",
    ],
)
def test_what_editors_leave_beside_a_script_is_no_script(place, name):
    """Swap, lock, backup and temporary files never run."""
    place.save(name, "this is not Python")

    assert not counts(name)
    assert names_and_findings(place) == ([], [])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"x" * (LARGEST_FILE + 1), "is larger than 64 KiB; split it into modules"),
        (b"\n\nname = 'K\xe4llare'\n", "line 3 is not UTF-8 text; save the file as UTF-8"),
        (b"x = 1\0\n", "holds a zero byte"),
    ],
)
def test_a_file_that_is_no_script_text_is_named_with_the_reason(place, data, sentence):
    """The finding names the file, and the remedy."""
    (place.scripts / "20_menu.py").write_bytes(data)
    reading = ScriptFolder(place.path).read()

    assert not reading.usable
    assert f"twilio_scripts/20_menu.py: {sentence}" in str(reading.findings[0])


def test_a_file_saved_with_a_byte_order_mark_is_read(place):
    """As some editors write UTF-8."""
    (place.scripts / "20_menu.py").write_bytes(b"\xef\xbb\xbf" + MENU.encode())

    assert ScriptFolder(place.path).read().files[0].text == MENU


def test_a_link_within_the_project_is_followed(place):
    """Two projects of one repository may share a script; what it leads to is watched too."""
    shared = place.path / "shared"
    shared.mkdir()
    (shared / "menu.py").write_text(MENU)
    (place.scripts / "20_menu.py").symlink_to("../shared/menu.py")
    folder = ScriptFolder(place.path)

    assert folder.read().files[0].text == MENU
    assert folder.link_targets() == ((shared / "menu.py").resolve(),)


@pytest.mark.parametrize(
    "target", ["/etc/hostname", "../../elsewhere.py", "../tocsin.toml", "../.tocsin/pin.py"]
)
def test_a_link_out_of_the_scripts_is_not_read(place, target):
    """Else the content of any file could show in a message about a script."""
    (place.path.parent / "elsewhere.py").write_text("secret = 1")
    (place.path / "tocsin.toml").write_text("secret = 1")
    (place.path / ".tocsin").mkdir()
    (place.path / ".tocsin" / "pin.py").write_text("secret = 1")
    (place.scripts / "20_menu.py").symlink_to(target)

    names, findings = names_and_findings(place)
    assert names == []
    assert "is a link out of the project's scripts" in findings[0]


def test_a_link_to_nothing_and_a_pipe_are_named_and_hold_nothing_up(place):
    """Reading ends although nobody will ever write into the pipe."""
    (place.scripts / "10_greeting.py").symlink_to("gone.py")
    os.mkfifo(place.scripts / "20_menu.py")

    _, findings = names_and_findings(place)
    assert "is a link to a file that does not exist" in findings[0]
    assert "is not a regular file" in findings[1]


def test_a_name_that_is_not_utf8_is_named_readably(place):
    """The message itself can be written to any log."""
    (place.scripts / os.fsdecode(b"20_m\xe4nu.py")).write_text(MENU)

    _, findings = names_and_findings(place)
    assert findings == ["twilio_scripts/20_m\\udce4nu.py: its file name is not UTF-8; rename it"]
    findings[0].encode()


def test_doubtful_names_are_warned_about_and_do_not_stop_the_rest(place):
    """A folder is not run; a module that no import can name is read all the same."""
    (place.scripts / "30_more.py").mkdir()
    place.save("_my-plant.py", "x = 1")
    place.save("__init__.py", "")
    place.save("10_greeting.py", GREETING)
    reading = ScriptFolder(place.path).read()

    assert reading.usable
    assert [one.severity for one in reading.findings] == ["warning", "warning", "warning"]
    assert [one.name for one in reading.files] == ["10_greeting.py", "__init__.py", "_my-plant.py"]
    assert 'the name "__init__" is reserved and cannot be imported' in str(reading.findings[1])


@pytest.mark.parametrize("name", ["20_menu.PY", "20_menu.py.txt", "_plant.Py"])
def test_a_script_saved_under_a_name_that_is_not_run_is_told(place, name):
    """Some editors add an ending, some network folders change the case."""
    place.save(name, MENU)
    place.save("10_greeting.py", GREETING)
    reading = ScriptFolder(place.path).read()

    assert [one.name for one in reading.files] == ["10_greeting.py"]
    assert [str(one) for one in reading.findings] == [
        f"twilio_scripts/{name}: does not end in .py and is not run; rename it"
    ]
    assert reading.usable


def test_an_unchanged_file_is_not_read_again(place):
    """200 scripts cost 200 looks and one reading when one of them was saved."""
    old = place.save("10_greeting.py", GREETING)
    place.save("20_menu.py", MENU)
    for file in place.scripts.iterdir():
        os.utime(file, (1, 1))
    folder = ScriptFolder(place.path)
    first = folder.read()
    place.save("20_menu.py", MENU + "\n")
    second = folder.read()

    assert second.files[0] is first.files[0]
    assert second.files[1].text == MENU + "\n"
    assert old.exists()


def test_a_change_that_keeps_size_and_time_is_seen(place):
    """Copying with preserved times must not leave an old version in force."""
    file = place.save("20_menu.py", "x = 1\n")
    os.utime(file, (1, 1))
    folder = ScriptFolder(place.path)
    folder.read()
    file.write_text("x = 2\n")
    os.utime(file, (1, 1))

    assert folder.read().files[0].text == "x = 2\n"


def test_a_file_emptied_a_moment_ago_is_being_written(place):
    """Many programs empty a file before they fill it."""
    file = place.save("20_menu.py", "")

    assert ScriptFolder(place.path).read().busy
    os.utime(file, (1, 1))
    assert not ScriptFolder(place.path).read().busy


def test_a_folder_that_is_not_there_is_a_warning(place):
    """A project may begin without scripts."""
    place.scripts.rmdir()
    reading = ScriptFolder(place.path).read()

    assert reading.usable
    assert not reading.there
    assert "the folder is not there" in str(reading.findings[0])
