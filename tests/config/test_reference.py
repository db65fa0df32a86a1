"""The reference page and the schema are written from the sections, so neither can differ from what loads."""

from __future__ import annotations

import sys
from enum import Enum
from typing import TYPE_CHECKING, Literal

import pytest
from pydantic import Field

from tocsin.config import Secret, Section, json_schema, shipped
from tocsin.config import shipped as shipped_function
from tocsin.config.reference import render

if TYPE_CHECKING:
    from pathlib import Path


class Priority(Enum):
    low = "Low"
    high = "High"


class Contact(Section):
    """One way to reach a person."""

    type: Literal["phone", "sms"] = Field(description="how")
    value: str = Field(description="a number | an address")


class Person(Section):
    """Somebody who can be called."""

    id: int = Field(ge=0, description="unique")
    pin: Secret | None = Field(default=None, description="the PIN")
    starts: str = Field(default="06:00", alias="from", description="when the day begins")
    priority: Priority = Field(default=Priority.high, description="lowest that rings")
    when: Literal["always"] | dict[str, Literal["always"]] = Field(
        default="always", description="per priority"
    )
    contacts: tuple[Contact, ...] = Field(default=(), description="in the order of trying")


class Root(Section):
    """Every table of the files."""

    users: dict[str, Person] = Field(default_factory=dict, description="people")


PAGE = """\
# Configuration

Every table of the files.

## `[users.NAME]`

Somebody who can be called.

| Key | Type | Default | Meaning |
|---|---|---|---|
| `id` | whole number, 0 or more | required | unique |
| `pin` | text, `{ env = "NAME" }` or `{ file = "path" }` | absent | the PIN |
| `from` | text | `"06:00"` | when the day begins |
| `priority` | `"Low"` or `"High"` | `"High"` | lowest that rings |
| `when` | `"always"` or table of `"always"` | `"always"` | per priority |

## `[[users.NAME.contacts]]`

One way to reach a person.

| Key | Type | Default | Meaning |
|---|---|---|---|
| `type` | `"phone"` or `"sms"` | required | how |
| `value` | text | required | a number \\| an address |
"""


def test_the_page_has_a_table_for_every_section() -> None:
    """Keys as they are written in the files, types and defaults in plain words."""
    assert render(Root) == PAGE


def test_the_schema_speaks_of_the_keys_in_the_files() -> None:
    """Aliases are used and unknown keys are refused, so that an editor says the same as the gateway."""
    schema = json_schema(Root)
    person = schema["$defs"]["Person"]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "from" in person["properties"]
    assert "starts" not in person["properties"]
    assert person["additionalProperties"] is False
    assert {"type": "string"} in person["properties"]["pin"]["anyOf"]


def test_what_ships_is_found_in_the_repository_and_in_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package's own copy goes first; where neither is, both places are named."""
    assert (shipped("user_scripts").parent / "pyproject.toml").is_file()
    monkeypatch.setattr(sys.modules[shipped_function.__module__], "_PACKAGE", tmp_path / "a" / "tocsin")
    with pytest.raises(FileNotFoundError, match="install tocsin again"):
        shipped("sample_project")
    (tmp_path / "a" / "tocsin" / "sample_project").mkdir(parents=True)
    assert shipped("sample_project") == tmp_path / "a" / "tocsin" / "sample_project"
