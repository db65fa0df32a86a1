"""Values that must not be seen: a token, a key, a PIN.

Each stands in the TOML file, the environment or a file of its own. A secret is read once, while the
configuration loads, so that a missing one is found then and not at the first alarm. Nothing here decides
whether a literal is acceptable; the room that owns the key does.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pydantic_core import CoreSchema, core_schema

from tocsin.config.toml_files import Stamp, regular_bytes, stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo

_LONGEST = 64 * 1024
_FORMS = 'text in quotes, { env = "NAME" } or { file = "path" }'
_HIDDEN = "**********"


@dataclass
class Surroundings:
    """Where secrets are looked for while one configuration loads, and how the files stood that were read.

    With `stand_in` none is looked for: it makes up a value from the origin, such as "env NAME". With
    `only_missing` it does so for those alone that cannot be read.
    """

    folder: Path = field(default_factory=Path.cwd)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    read: dict[Path, Stamp | None] = field(default_factory=dict)
    stand_in: Callable[[str], str] | None = None
    only_missing: bool = False

    def reads(self, path: Path) -> None:
        """Note that a file is about to be read, so that whoever watches can tell when it is another."""
        self.read.setdefault(path, stamp(path))


class Secret:
    """A value that shows itself only to `reveal()`; everything else sees where it came from."""

    __slots__ = ("_origin", "_value", "made_up")

    def __init__(self, value: str, origin: str = "literal", *, made_up: str = "") -> None:
        self._value = value
        self._origin = origin
        self.made_up = made_up
        """Why the value is a stand-in for the one at the origin; "" where it is that one."""

    def reveal(self) -> str:
        """Return the value itself."""
        return self._value

    @property
    def is_literal(self) -> bool:
        """Whether the value stands in the configuration file itself."""
        return self._origin == "literal"

    @property
    def origin(self) -> str:
        """`literal`, `env NAME` or `file PATH`: fit to be shown."""
        return self._origin

    def __repr__(self) -> str:
        return f"Secret({_HIDDEN} from {self._origin})"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return self._value == other._value and self._origin == other._origin

    def __hash__(self) -> int:
        return hash((self._value, self._origin))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never written out")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Accept the three forms and serialise to the origin alone."""
        return core_schema.with_info_plain_validator_function(
            _from_configuration,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda secret: _HIDDEN if secret.is_literal else secret.origin
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe the three forms for editors."""
        return {"anyOf": [{"type": "string"}, _one_key("env", "NAME"), _one_key("file", "path/to/file")]}


def _one_key(key: str, example: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {key: {"type": "string", "examples": [example]}},
        "required": [key],
        "additionalProperties": False,
    }


def _from_configuration(given: Any, info: ValidationInfo) -> Secret:
    """Make a Secret of what the file says; the value never enters an error message."""
    around = info.context if isinstance(info.context, Surroundings) else Surroundings()
    if isinstance(given, Secret):
        return given
    if isinstance(given, str):
        if not given:
            raise ValueError(f"is empty; give {_FORMS}")
        return Secret(given)
    if isinstance(given, dict) and len(given) == 1:
        (form, name), *_ = given.items()
        if form in ("env", "file") and isinstance(name, str):
            return _looked_up(form, name, around)
    raise ValueError(f"expected {_FORMS}")


def _looked_up(form: str, name: str, around: Surroundings) -> Secret:
    origin, why = f"{form} {name}", "it was not looked for"
    if around.stand_in is None or around.only_missing:
        try:
            return _from_environment(name, around) if form == "env" else _from_file(name, around)
        except ValueError as error:
            if around.stand_in is None:
                raise
            why = str(error)
    return Secret(around.stand_in(origin), origin, made_up=why)


def _from_environment(name: str, around: Surroundings) -> Secret:
    value = around.environ.get(name)
    if value is None:
        raise ValueError(
            f"the environment variable {name} is not set; set it for the gateway, or use {{ file = ... }}"
        )
    if not value:
        raise ValueError(f"the environment variable {name} is empty; give it the secret")
    return Secret(value, f"env {name}")


def _from_file(name: str, around: Surroundings) -> Secret:
    shown = f'the secret file "{name}"'
    try:
        path = around.folder / name
        around.reads(path)
        raw = regular_bytes(path, _LONGEST)
    except OSError as error:
        why = error.strerror or "not usable"
        raise ValueError(f"{shown} cannot be read ({why}); check the path and who may read it") from None
    except ValueError:  # a NUL in the path
        raise ValueError(f"{shown} has no usable name; check the path") from None
    if raw is None:
        raise ValueError(f"{shown} is not a regular file; give the path of a text file")
    if len(raw) > _LONGEST:
        raise ValueError(f"{shown} is longer than 64 KiB, which is no secret; check the path")
    try:
        value = raw.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise ValueError(f"{shown} is not UTF-8 text; save it as UTF-8") from None
    if not value:
        raise ValueError(f"{shown} is empty; put the secret on its first line")
    return Secret(value, f"file {name}")
