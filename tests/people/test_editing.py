"""Changing people from the command line: the file stays the user's own, comment for comment."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.people import editing
from tocsin.people.editing import EditRefused, add_user, free_id, remove_user, set_pin

PEOPLE = """\
# people of the plant
[users.maria]  # on call since 2019
id = 1
name = "Maria Lind"   # spoken so
pin = "hash:old"  # set at the fair

[[users.maria.contacts]]
type = "phone"
value = "+46701234567"

[schedules.days]   # stands in the middle
days = ["mon-fri"]

[users.jon]
id = 2
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tocsin.toml").write_text('[gateway]\nname = "x"\n')
    (tmp_path / "people.toml").write_text(PEOPLE)
    return tmp_path


def test_a_pin_is_replaced_where_it_stands(project: Path) -> None:
    """One word of the file changes."""
    changed = set_pin(project, "maria", "hash:new")
    assert changed == project / "people.toml"
    assert changed.read_text() == PEOPLE.replace("hash:old", "hash:new")


def test_a_first_pin_is_added_and_a_pin_is_removed(project: Path) -> None:
    """At the end of the user's keys, whatever tables stand between."""
    set_pin(project, "jon", "hash:new")
    assert (project / "people.toml").read_text() == PEOPLE + 'pin = "hash:new"\n'
    set_pin(project, "maria", None)
    text = (project / "people.toml").read_text()
    assert text == (PEOPLE + 'pin = "hash:new"\n').replace('pin = "hash:old"  # set at the fair\n', "")


def test_a_user_is_added_with_the_others_and_removed_without_a_trace(project: Path) -> None:
    """Contacts are written as people write them."""
    contacts = [{"type": "phone", "value": "+46700000001"}, {"type": "sms", "value": "+46700000001"}]
    assert free_id(project) == 3
    add_user(project, "eva", {"id": 3, "name": "Eva", "roles": ("operator",), "contacts": contacts})
    text = (project / "people.toml").read_text()
    assert text.startswith(PEOPLE)
    assert '\n[users.eva]\nid = 3\nname = "Eva"\nroles = ["operator"]\n' in text
    assert tomllib.loads(text)["users"]["eva"]["contacts"] == contacts
    assert remove_user(project, "eva") == (project / "people.toml",)
    assert (project / "people.toml").read_text().rstrip() == PEOPLE.rstrip()


def test_the_first_user_gets_a_file_of_their_own(tmp_path: Path) -> None:
    """people.toml is where people look for people."""
    (tmp_path / "tocsin.toml").write_text("")
    assert add_user(tmp_path, "maria", {"id": free_id(tmp_path)}) == tmp_path / "people.toml"
    assert (tmp_path / "people.toml").read_text() == "[users.maria]\nid = 1\n"


def test_a_user_in_two_files_is_found_in_both(project: Path) -> None:
    """The PIN is changed where it is, the user removed from everywhere."""
    (project / "pins.toml").write_text('[users]\njon.pin = "hash:old"\n')
    assert set_pin(project, "jon", "hash:new") == project / "pins.toml"
    assert (project / "pins.toml").read_text() == '[users]\njon.pin = "hash:new"\n'
    assert set(remove_user(project, "jon")) == {project / "pins.toml", project / "people.toml"}
    assert "jon" not in (project / "pins.toml").read_text() + (project / "people.toml").read_text()


def test_windows_line_ends_rights_and_links_stay(project: Path) -> None:
    """The file behind a link is replaced, not the link."""
    real = project / "..data"
    real.write_bytes(PEOPLE.replace("\n", "\r\n").encode())
    real.chmod(0o640)
    (project / "people.toml").unlink()
    (project / "people.toml").symlink_to("..data")
    set_pin(project, "jon", "hash:new")
    assert (project / "people.toml").is_symlink()
    assert real.read_bytes() == (PEOPLE + 'pin = "hash:new"\n').replace("\n", "\r\n").encode()
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(one.name for one in project.iterdir()) == ["..data", "people.toml", "tocsin.toml"]


def test_what_cannot_be_done_is_said_and_leaves_the_files(project: Path) -> None:
    """Unknown and doubled users, broken files, tables that cannot take a heading."""
    with pytest.raises(EditRefused, match='there is no user "eva"; known are: jon, maria'):
        set_pin(project, "eva", "hash:new")
    with pytest.raises(
        EditRefused, match=r"people\.toml: users\.jon exists; change it there, or remove it first"
    ):
        add_user(project, "jon", {"id": 5})
    assert (project / "people.toml").read_text() == PEOPLE
    (project / "people.toml").write_text("users = { maria = { id = 1 } }")
    with pytest.raises(EditRefused, match="cannot be changed safely; edit it by hand"):
        add_user(project, "eva", {"id": 5})
    set_pin(project, "maria", "hash:new")
    text = (project / "people.toml").read_text()
    assert text.startswith("users = { maria = { id = 1")
    assert tomllib.loads(text) == {"users": {"maria": {"id": 1, "pin": "hash:new"}}}
    (project / "people.toml").write_text("[users.maria\n")
    with pytest.raises(EditRefused, match=r"people\.toml:1: the table's heading has no closing bracket"):
        set_pin(project, "maria", "hash:new")
    (project / "people.toml").write_text("users = 5")
    with pytest.raises(EditRefused, match='there is no user "maria"; known are: none'):
        remove_user(project, "maria")


def test_a_change_by_somebody_else_meanwhile_is_not_overwritten(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editor may save between reading and writing."""
    real = editing.tomlkit.dumps

    def while_somebody_saves(document) -> str:
        (project / "people.toml").write_text(PEOPLE + "# saved by an editor\n")
        return real(document)

    monkeypatch.setattr(editing.tomlkit, "dumps", while_somebody_saves)
    with pytest.raises(EditRefused, match="was changed by somebody else meanwhile; run the command again"):
        set_pin(project, "maria", "hash:new")
    assert (project / "people.toml").read_text() == PEOPLE + "# saved by an editor\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_said_so(project: Path) -> None:
    """One sentence."""
    project.chmod(0o555)
    with pytest.raises(EditRefused, match="cannot be written"):
        set_pin(project, "maria", "hash:new")


NAMES = st.sampled_from(["maria", "jon", "eva lind", "å", 'q"t', "a.b", "x" * 40])


EVA = {"id": 4, "contacts": [{"type": "sms", "value": "+1"}]}


def apply(action: str, name: str, folder: Path) -> None:
    match action:
        case "pin":
            set_pin(folder, name, "hash:1")
        case "unpin":
            set_pin(folder, name, None)
        case "add":
            add_user(folder, name, EVA)
        case "remove":
            remove_user(folder, name)


def apply_to(users: dict, action: str, name: str) -> None:
    match action:
        case "pin":
            users[name]["pin"] = "hash:1"
        case "unpin":
            users[name].pop("pin", None)
        case "add":
            users[name] = dict(EVA)
        case "remove":
            del users[name]


@given(
    edits=st.lists(st.tuples(st.sampled_from(["pin", "unpin", "add", "remove"]), NAMES), max_size=12),
    between=st.lists(
        st.sampled_from(["# note\n", "\n", "[rosters.r]\nusers = []\n", "[[other]]\na = 1\n"]), max_size=3
    ),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_edits_changes_what_was_asked_and_nothing_else(
    tmp_path: Path, edits: list[tuple[str, str]], between: list[str]
) -> None:
    """Held against the same edits of a plain dictionary; comments outside removed users survive."""
    (tmp_path / "tocsin.toml").write_text("")
    file = tmp_path / "people.toml"
    file.write_text("# first line\n[users.zoe]\nid = 0 # zoe's\n" + "".join(dict.fromkeys(between)))
    model = tomllib.loads(file.read_text())
    for action, name in edits:
        refused = ""
        try:
            apply(action, name, tmp_path)
        except EditRefused as error:
            refused = str(error)
        assert bool(refused) == ((name in model["users"]) == (action == "add")), refused
        if not refused:
            apply_to(model["users"], action, name)
        assert tomllib.loads(file.read_text()) == model
    assert "# first line" in file.read_text()
    assert "# zoe's" in file.read_text()
