"""Loading a project: what is merged, what is refused, and that each refusal reads like a colleague's advice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from tocsin.config import ConfigRefused, Secret, Section, finding, load

When = Literal["to-acknowledge", "to-hear", "none"]


class Contact(Section):
    type: Literal["phone", "sms", "email"] = Field(description="how to reach the person")
    value: str = Field(min_length=1, description="a number or address")


class Person(Section):
    id: int = Field(ge=0, description="a number of one's own, 0 or more")
    name: str = Field(default="", description="as it is spoken")
    pin: Secret | None = None
    roles: tuple[str, ...] = ()
    on_call: bool = True
    weight: float = 1.0
    starts: str = Field(default="06:00", alias="from")
    contacts: tuple[Contact, ...] = ()


class Profile(Section):
    token: Secret | None = None
    pin: When | dict[str, When] = "to-acknowledge"


class Root(Section):
    users: dict[str, Person] = Field(default_factory=dict)
    profiles: dict[str, Profile] = Field(default_factory=dict)
    free: dict[str, Any] = Field(default_factory=dict)
    default: int = 0
    config: str = ""


def project(folder: Path, **files: str) -> Path:
    files.setdefault("tocsin", "")
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def refusal(folder: Path, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigRefused) as refused:
        load(folder, Root, environ=environ or {})
    assert str(refused.value).splitlines() == [str(one) for one in refused.value.findings]
    return str(refused.value).splitlines()


def test_files_are_merged_table_by_table(tmp_path: Path) -> None:
    """Two files may add to one table; other tools' files and dot files are left alone."""
    project(
        tmp_path,
        tocsin="[users.maria]\nid = 1\n",
        people='[users.maria]\nname = "Maria Lind"\n[users.jon]\nid = 2\nfrom = "07:30"\n',
        pyproject="[tool.ruff]\nthis = is not even TOML",
    )
    (tmp_path / ".people.toml").write_text("[half")
    (tmp_path / "people.toml~").write_text("[half")
    loaded = load(tmp_path, Root)
    assert loaded.value.users["maria"] == Person(id=1, name="Maria Lind")
    assert loaded.value.users["jon"].starts == "07:30"
    assert loaded.folder == tmp_path


def test_the_same_key_in_two_files_names_both_places(tmp_path: Path) -> None:
    """Neither file wins silently."""
    project(
        tmp_path,
        tocsin="[users.maria]\nid = 1\n\n[[users.maria.contacts]]\ntype='sms'\nvalue='1'\n",
        people="[users]\n\nmaria.id = 2\n[[users.maria.contacts]]\ntype='sms'\nvalue='1'\n",
        zoo="users = 3\n",
    )
    assert refusal(tmp_path) == [
        "people.toml:3: users.maria.id: is also set in tocsin.toml:2; keep one of the two",
        "people.toml:4: users.maria.contacts: is also set in tocsin.toml:4; keep one of the two",
        "zoo.toml:1: users: is also set in tocsin.toml:1; keep one of the two",
    ]


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('id = "five"', '2: users.maria.id: expected a whole number, found the text "five"; write 5'),
        ('id = "12"', '2: users.maria.id: expected a whole number, found the text "12"; write 12'),
        ("id = 5.0", "2: users.maria.id: expected a whole number, found the number 5.0; write 5"),
        ("id = true", "2: users.maria.id: expected a whole number, found true"),
        ("id = -1", "2: users.maria.id: must be 0 or more; found the whole number -1"),
        ("name = 'x'", "1: users.maria.id: is missing; add it: a number of one's own, 0 or more"),
        (
            "id = 1\nname = 5",
            '3: users.maria.name: expected text in quotes, found the whole number 5; write "5"',
        ),
        (
            "id = 1\nfrom = 07:30:00",
            '3: users.maria.from: expected text in quotes, found the time 07:30:00; write "07:30"',
        ),
        (
            "id = 1\non_call = 'yes'",
            '3: users.maria.on_call: expected true or false, found the text "yes"; write true',
        ),
        (
            "id = 1\non_call = 0",
            "3: users.maria.on_call: expected true or false, found the whole number 0; write false",
        ),
        (
            "id = 1\nweight = '1,5'",
            '3: users.maria.weight: expected a number, found the text "1,5"; write 1.5',
        ),
        ("id = 1\nweight = nan", "3: users.maria.weight: expected an ordinary number, found the number nan"),
        (
            "id = 1\nroles = 'boss'",
            '3: users.maria.roles: expected a list, found the text "boss"; write ["boss"]',
        ),
        (
            "id = 1\nroles = [\n 'a',\n 3,\n]",
            '5: users.maria.roles[1]: expected text in quotes, found the whole number 3; write "3"',
        ),
        ("id = 1\nnam = 'x'", '3: users.maria.nam: unknown key; did you mean "name"?'),
        (
            "id = 1\nzzz = 'x'",
            "3: users.maria.zzz: unknown key; allowed here: id, name, pin, roles, on_call, weight, from, contacts",
        ),
        (
            "id = 1\n[[users.maria.contacts]]\ntype = 'sms'\nvalue = '1'\nname = 'M'",
            (
                "6: users.maria.contacts[0].name: unknown key here; it belongs to users.maria: "
                "write it above the heading of this table"
            ),
        ),
        (
            "id = 1\n[[users.maria.contacts]]\ntype = 'Phone'\nvalue = '1'",
            (
                '4: users.maria.contacts[0].type: expected one of "phone", "sms" or "email", found the text "Phone"; '
                'did you mean "phone"?'
            ),
        ),
        (
            "id = 1\ncontacts = [{type = 'sms', value = '1'},\n {type = 'sms', value = ''}]",
            '4: users.maria.contacts[1].value: must have at least 1 character; found the text ""',
        ),
    ],
)
def test_a_wrong_value_is_one_line_with_place_and_remedy(tmp_path: Path, toml: str, said: str) -> None:
    """File, line, key in TOML's own spelling, what is wrong, what to write instead."""
    project(tmp_path, people=f"[users.maria]\n{toml}\n")
    assert refusal(tmp_path) == [f"people.toml:{said}"]


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        (
            'pin = "to-acknowlege"',
            (
                'expected one of "to-acknowledge", "to-hear" or "none" or a table, '
                'found the text "to-acknowlege"; did you mean "to-acknowledge"?'
            ),
        ),
        (
            "pin = 4",
            'expected one of "to-acknowledge", "to-hear" or "none" or a table, found the whole number 4',
        ),
    ],
)
def test_a_value_of_several_kinds_gets_one_sentence(tmp_path: Path, toml: str, said: str) -> None:
    """The branches of a union are told together, not as a riddle of several errors."""
    project(tmp_path, tocsin=f'[profiles."High level"]\n{toml}\n')
    assert refusal(tmp_path) == [f'tocsin.toml:2: profiles."High level".pin: {said}']


def test_within_a_value_of_several_kinds_the_fitting_branch_speaks(tmp_path: Path) -> None:
    """A table with a wrong entry is told of the entry."""
    project(tmp_path, tocsin='[profiles.phone.pin]\ndefault = "none"\nCritical = "never"\n')
    assert refusal(tmp_path) == [
        (
            'tocsin.toml:3: profiles.phone.pin.Critical: expected one of "to-acknowledge", "to-hear" or "none", '
            'found the text "never"'
        )
    ]


def test_keys_named_like_pydantics_own_words_are_checked_like_others(tmp_path: Path) -> None:
    """A section may have keys called `default` or `config`; they are no less strict."""
    project(tmp_path, tocsin='default = "5"\nconfig = 5\n')
    assert refusal(tmp_path) == [
        'tocsin.toml:1: default: expected a whole number, found the text "5"; write 5',
        'tocsin.toml:2: config: expected text in quotes, found the whole number 5; write "5"',
    ]


def test_all_faults_are_told_at_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    """One look at the list, one round of mending."""
    project(tmp_path, tocsin="[user.x]\n", people='[users.b]\nid = "x"\n[users.a]\nid = "y"\n')
    assert [line.split(" ")[0] for line in refusal(tmp_path)] == [
        "tocsin.toml:1:",
        "people.toml:2:",
        "people.toml:4:",
    ]


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("a", '1: this line is not `key = value`; write for example `name = "Pump 2"`'),
        ("x = 1\na = Yes", "2: `Yes` is no TOML value; text needs quotes, truth is `true` or `false`"),
        ('a = "x\n', "1: the text has no closing quote on its line"),
        (
            'a = "C:\\plant"',
            "1: a backslash in double quotes starts an escape; use single quotes: 'C:\\plant'",
        ),
        ("a = 07:30", "1: `07:30` is not one value; text needs quotes, each key its line"),
        ("[a]]", "1: `]` is not one value; text needs quotes, each key its line"),
        ("\n[a\n", "2: the table's heading has no closing bracket"),
        ("a = 1\n\na = 2", "3: a: is set twice, first on line 1; keep one"),
        ("[x.y]\nb = 1\n[x.z]\n[x.y]", "4: x.y: is set twice, first on line 1; keep one"),
        ("a = {b = 1, b = 2}", "1: a.b: is set twice, first on line 1; keep one"),
        ("a = [1 2]", "1: the list is not closed, or lacks a comma between two values"),
        ("auth_token = 3b1c0ffee5", "1: the value is not one value; text needs quotes, each key its line"),
        ("auth_token = “3b1c0ffee5”", "1: the value is no TOML value; text needs quotes, truth is `true` or"),
        ("pin = 0471", "1: the value is not one value; text needs quotes, each key its line"),
        ("users = { maria = { pin = 0471 } }", "1: the `{ ... }` is not closed, or lacks a comma between"),
        ("DATABASE_URL = me:pw@host", "1: the value is no TOML value; text needs quotes, truth is"),
        ("å = 1", "1: expected `key = value` or `[table]`; a key with other letters needs quotes"),
        ("a = 2026-02-30", "1: this is no date or time that exists"),
    ],
)
def test_broken_toml_is_told_in_plain_words(tmp_path: Path, toml: str, said: str) -> None:
    """The line, and what to do about it."""
    project(tmp_path, alarms=toml)
    (told,) = refusal(tmp_path)
    assert told.startswith(f"alarms.toml:{said}")


def test_a_folder_without_tocsin_toml_is_not_a_project(tmp_path: Path) -> None:
    """Other TOML files do not make one."""
    (tmp_path / "people.toml").write_text("")
    assert refusal(tmp_path) == [
        f'tocsin.toml: there is none in "{tmp_path}"; `tocsin new DIR` makes a project to begin with'
    ]
    assert refusal(tmp_path / "nowhere") == [
        f'tocsin.toml: the folder "{tmp_path / "nowhere"}" cannot be read (No such file or directory)'
    ]


def test_files_that_are_no_text_get_a_sentence_each(tmp_path: Path) -> None:
    """Wrong encodings, links to nowhere, pipes, folders and giants are refused by name, never with a crash."""
    project(tmp_path, f="a = " + "[" * 5000, g="n = " + "9" * 5000, h=".".join("a" * 100) + " = 1")
    (tmp_path / "a.toml").write_bytes(b"x = 1\ny = '\xe5'\n")
    (tmp_path / "b.toml").write_bytes("x = 1".encode("utf-16"))
    (tmp_path / "c.toml").symlink_to("gone.toml")
    os.mkfifo(tmp_path / "d.toml")
    (tmp_path / "e.toml").mkdir()
    with (tmp_path / "i.toml").open("wb") as file:
        file.truncate(9 * 1024 * 1024)
    (tmp_path / "j.toml").symlink_to("j.toml")
    before = len(list(Path("/proc/self/fd").iterdir()))
    said = refusal(tmp_path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert said == [
        "a.toml:2: byte 0xE5 is not UTF-8; save the file as UTF-8",
        "b.toml:1: is saved as UTF-16; save it as UTF-8",
        'c.toml: is a link to "gone.toml", which does not exist; mend or remove the link',
        "d.toml: is not a regular file; rename it so that it does not end in .toml",
        "e.toml: is not a regular file; rename it so that it does not end in .toml",
        "f.toml: is nested too deeply to read; write it flatter",
        (
            "g.toml: holds a number that cannot be read (Exceeds the limit (4300 digits) for integer string "
            "conversion: value has 5000 digits)"
        ),
        "h.toml: is nested more than 64 tables deep; write it flatter",
        "i.toml: is larger than 8 MiB; split it into several .toml files",
        "j.toml: cannot be read (Too many levels of symbolic links); check who may read it",
    ]


def test_a_file_that_vanishes_while_it_is_read_refuses_the_whole(tmp_path: Path, monkeypatch: Any) -> None:
    """Half a configuration must not come into force because an editor was saving."""
    project(tmp_path)
    monkeypatch.setattr(os, "listdir", lambda _folder: ["tocsin.toml", "people.toml"])
    assert refusal(tmp_path) == [
        "people.toml: vanished while it was being read; it is read again at the next change"
    ]


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    """Notepad writes both, and lines still count right."""
    project(tmp_path)
    (tmp_path / "people.toml").write_bytes(b"\xef\xbb\xbf[users.maria]\r\nid = 1\r\n\r\nnam = 2\r\n")
    assert refusal(tmp_path) == ['people.toml:4: users.maria.nam: unknown key; did you mean "name"?']


def test_links_to_files_elsewhere_are_followed(tmp_path: Path) -> None:
    """A mounted configuration map is made of links."""
    project(tmp_path)
    data = tmp_path / "..data"
    data.mkdir()
    (data / "people.toml").write_text("[users.maria]\nid = 1\n")
    (tmp_path / "people.toml").symlink_to("..data/people.toml")
    assert load(tmp_path, Root).value.users["maria"].id == 1


def test_a_room_places_its_own_findings(tmp_path: Path) -> None:
    """A cross check names a path; the line is found, or that of the table around it."""
    project(tmp_path, people="[users.maria]\nid = 1\n[[users.maria.contacts]]\ntype='sms'\nvalue='07'\n")
    loaded = load(tmp_path, Root)
    wrong = finding(loaded, ("users", "maria", "contacts", 0, "value"), "is wrong")
    assert str(wrong) == "people.toml:5: users.maria.contacts[0].value: is wrong"
    warned = finding(loaded, ("users", "maria", "language"), "is not set", "warning")
    assert (warned.file, warned.line, warned.severity) == ("people.toml", 1, "warning")
    assert str(finding(loaded, ("gateway",), "is missing")) == "tocsin.toml: gateway: is missing"


def test_sections_never_change() -> None:
    """What is in force is replaced as a whole."""
    with pytest.raises(ValidationError):
        Person(id=1).id = 2  # type: ignore[misc]


TOMLISH = st.lists(
    st.sampled_from(
        [
            "users",
            "maria",
            "contacts",
            "id",
            "profiles",
            "pin",
            "free",
            ".",
            ".",
            " = ",
            "[",
            "]",
            "[[",
            "]]",
            "{",
            "}",
            "\n",
            "\n",
            '"',
            "'",
            '"""',
            "1",
            "5.0",
            "true",
            "inf",
            "07:30:00",
            "2026-01-31",
            ",",
            "#",
            "\\u0000",
            "å",
            "users.maria",
            "[users.maria]\n",
            "[[users.maria.contacts]]\n",
            "\r",
            "\x00",
            "env",
            "file",
            "\ufeff",
        ]
    ),
    max_size=30,
).map("".join)


@given(first=TOMLISH.map(str.encode) | st.binary(max_size=80), second=TOMLISH.map(str.encode))
@example(first=b"free = " + b"[" * 60 + b"]" * 60, second=b"")
@example(first=b"free." * 40 + b"a = 1", second=b"free." * 40 + b"b = 1")
@example(first=b"[users]\n'' = 1", second=b'[users."\\u0000"]')
@example(first=b"[users.a]\nid = 99999999999999999999999999", second=b"users.a.pin = {file = '\\u0000'}")
@example(first=b'[users.a]\npin = {file = "\\u0000"}', second=b"[profiles.a]\ntoken = {file = '/'}")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_whatever_raise_anything_but_a_refusal(tmp_path: Path, first: bytes, second: bytes) -> None:
    """Each line of the refusal is one line, names one of the files, and a line that exists."""
    (tmp_path / "tocsin.toml").write_bytes(first)
    (tmp_path / "people.toml").write_bytes(second)
    try:
        load(tmp_path, Root, environ={})
    except ConfigRefused as refused:
        for one in refused.findings:
            assert one.file in {"tocsin.toml", "people.toml"}
            raw = first if one.file == "tocsin.toml" else second
            assert one.line is None or 1 <= one.line <= raw.count(b"\n") + 1
            assert "\n" not in str(one)
            assert one.message
