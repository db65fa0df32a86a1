"""Rosters are changed in the user's own files: comments and layout stay, and only what was asked for moves."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tocsin.people.editing import EditRefused
from tocsin.people.roster_editing import create_roster, delete_roster, restored_on_error, set_roster_users

CREW = """\
# who is called
[rosters.operations]   # at all times
users = ["maria", "jon"]  # in this order

[schedules.days]
days = ["mon-fri"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tocsin.toml").write_text('[gateway]\nname = "x"\n')
    (tmp_path / "crew.toml").write_text(CREW)
    return tmp_path


def test_a_roster_is_made_where_the_others_stand(project: Path) -> None:
    """With its description as a comment; a name that is taken is refused."""
    changed = create_roster(project, "night", ["jon"], description="Two lines\nof text")

    assert changed == project / "crew.toml"
    assert changed.read_text() == CREW + '\n# Two lines\n# of text\n[rosters.night]\nusers = ["jon"]\n'
    with pytest.raises(EditRefused, match=r"crew.toml: rosters.night exists"):
        create_roster(project, "night")


def test_the_first_roster_of_a_project_goes_to_people(tmp_path: Path) -> None:
    """In people.toml, which is made where there is none."""
    (tmp_path / "tocsin.toml").write_text('[gateway]\nname = "x"\n')
    assert create_roster(tmp_path, "night").name == "people.toml"
    assert tomllib.loads((tmp_path / "people.toml").read_text()) == {"rosters": {"night": {"users": []}}}


def test_users_are_replaced_where_they_stand(project: Path) -> None:
    """One line changes."""
    set_roster_users(project, "operations", ["jon"])
    assert (project / "crew.toml").read_text() == CREW.replace('["maria", "jon"]', '["jon"]')


def test_a_roster_goes_without_a_trace(project: Path) -> None:
    """Also the last one; an unknown one is refused with those there are."""
    create_roster(project, "night", ["jon"])
    delete_roster(project, "night")
    delete_roster(project, "operations")

    assert tomllib.loads((project / "crew.toml").read_text()) == {
        "schedules": {"days": {"days": ["mon-fri"]}}
    }
    for change in (lambda: delete_roster(project, "x"), lambda: set_roster_users(project, "x", [])):
        with pytest.raises(EditRefused, match=r'no roster "x"; known are: none'):
            change()


def test_what_goes_wrong_afterwards_puts_the_files_back(project: Path) -> None:
    """Byte for byte, whichever file was changed."""

    def edit_and_fail() -> None:
        with restored_on_error(project):
            create_roster(project, "night", ["jon"])
            set_roster_users(project, "operations", [])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        edit_and_fail()
    assert (project / "crew.toml").read_text() == CREW
