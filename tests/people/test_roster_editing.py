"""Rosters are changed in the user's own files: comments and layout stay, and only what was asked for moves."""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tocsin.people.editing import EditRefused
from tocsin.people.roster_editing import (
    add_entry,
    create_roster,
    delete_roster,
    entries_of,
    remove_entry,
    restored_on_error,
    set_roster_users,
)

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


YEAR = """\
# The evenings.
[rosters.evenings]
users = ["ola"]   # the second line

[[rosters.evenings.rotations]]
users = ["maria", "jon"]
start = "2026-01-05T08:00"   # a Monday
# and so on for ever

# What differs:
[[rosters.evenings.overrides]]   # Christmas
from = 2026-12-23T16:00:00
to = "2026-12-27"
users = ["ola"]

# Midsummer is Jon's
[[rosters.evenings.overrides]]
from = "2026-06-19"
to = "2026-06-21"
[rosters.evenings.overrides.replace]
maria = "jon"

[schedules.days]
days = ["mon-fri"]
"""
SPRING = {"from": "2026-04-03T08:00", "to": "2026-04-06T08:00", "replace": {"maria": "jon"}, "why": "Easter"}


@pytest.fixture
def evenings(project: Path) -> Path:
    (project / "crew.toml").write_text(YEAR)
    return project


@pytest.mark.parametrize("at", [None, 0, 1, 2])
def test_an_override_stands_among_its_siblings(evenings: Path, at: int | None) -> None:
    """Every other line stays as it is, and taking it out again leaves no trace."""
    file = add_entry(evenings, "evenings", "overrides", SPRING, at=at)

    text = file.read_text()
    block = (
        '[[rosters.evenings.overrides]]\nfrom = "2026-04-03T08:00"\nto = "2026-04-06T08:00"\n'
        'replace = {maria = "jon"}\nwhy = "Easter"\n'
    )
    assert block in text
    assert text.replace(f"{block}\n", "", 1) == YEAR
    index = 2 if at is None else at
    assert entries_of(evenings, "evenings", "overrides")[index] == SPRING
    remove_entry(evenings, "evenings", "overrides", index)
    assert file.read_text() == YEAR


def test_the_first_swap_stands_below_its_roster(evenings: Path) -> None:
    """Whatever tables the roster has already; Windows line ends stay."""
    (evenings / "crew.toml").write_bytes(YEAR.replace("\n", "\r\n").encode())
    swap = {"from": "2026-03-09", "to": "2026-03-23", "users": ["maria", "jon"]}
    text = add_entry(evenings, "evenings", "swaps", swap).read_bytes().decode()

    assert text.count("\r\n") == text.count("\n")
    assert 'maria = "jon"\r\n\r\n[[rosters.evenings.swaps]]\r\nfrom = "2026-03-09"' in text
    remove_entry(evenings, "evenings", "swaps", 0)
    assert (evenings / "crew.toml").read_bytes().decode() == YEAR.replace("\n", "\r\n")


@pytest.mark.parametrize(
    "layout",
    [
        '[rosters]\nevenings = { users = ["ola"] }   # short\n',
        '[rosters.evenings]\noverrides = [\n  { from = "2026-01-01", to = "2026-01-02", add = ["jon"] },\n]\n',
        '[rosters.evenings]\nusers = ["ola"]',
        'rosters.evenings.users = ["ola"]   # dotted\n',
    ],
    ids=["inline", "list of inline tables", "no end of line", "dotted"],
)
def test_other_layouts_are_heeded(project: Path, layout: str) -> None:
    """What the roster says otherwise stays so, and so does every comment."""
    file = project / "crew.toml"
    file.write_text(layout)
    before = tomllib.loads(layout)["rosters"]["evenings"]
    add_entry(project, "evenings", "overrides", SPRING)
    after = tomllib.loads(file.read_text())["rosters"]["evenings"]
    assert after == {**before, "overrides": [*before.get("overrides", []), SPRING]}
    remove_entry(project, "evenings", "overrides", len(after["overrides"]) - 1)
    now = tomllib.loads(file.read_text())["rosters"]["evenings"]
    assert now == before
    assert file.read_text().partition("#")[2] == layout.partition("#")[2]


def test_what_somebody_else_saves_meanwhile_stays(project: Path) -> None:
    """Only the file that was changed is put back."""
    other = project / "pipelines.toml"

    def edit_and_fail() -> None:
        with restored_on_error(project) as touched:
            touched.append(set_roster_users(project, "operations", []))
            other.write_text("# mine\n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        edit_and_fail()
    assert (project / "crew.toml").read_text() == CREW
    assert other.read_text() == "# mine\n"


PIECES = [
    "# a comment\n", "\n", "\n\n", "# [[rosters.crew.overrides]]\n",
    '[rosters.crew]\nusers = ["ola"]\n', "[rosters.night]   # another\nusers = []\n",
    '[[rosters.crew.rotations]]\nusers = [\n  "maria", # first\n  "jon",\n]\nstart = "2026-01-05T08:00"\n',
    '[[rosters.crew.overrides]]   # here\nfrom = "2026-01-01"\nto = "2026-01-02"\nadd = ["jon"]\n',
    '[[rosters.crew.overrides]]\nfrom = "2026-02-01"\nto = "2026-02-02"\n\n[rosters.crew.overrides.replace]\nmaria = "jon"\n',
    "[users.ola]\nid = 1\nname = '''\n[[rosters.crew.overrides]]\n'''\n",
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=9), st.integers(0, 3), st.booleans())
def test_whatever_the_layout_what_is_added_can_be_taken_out_again(
    pieces: list[str], at: int, crlf: bool
) -> None:
    """Byte for byte; and nothing else says anything else meanwhile."""
    text = "".join(pieces)
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assume(False)
    assume("crew" in before.get("rosters", {}))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tocsin.toml").write_text("")
        file = folder / "crew.toml"
        file.write_bytes((text.replace("\n", "\r\n") if crlf else text).encode())
        asis = file.read_bytes()
        add_entry(folder, "crew", "overrides", SPRING, at=at)
        index = min(at, len(before["rosters"]["crew"].get("overrides", [])))
        assert entries_of(folder, "crew", "overrides")[index] == SPRING
        remove_entry(folder, "crew", "overrides", index)
        assert tomllib.loads(file.read_text()) == before
        assert file.read_bytes() == asis
