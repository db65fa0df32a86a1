"""Loading a project's configuration: files in, one checked value out, or a refusal that names every fault.

Which sections exist is the caller's to say; this module brings files, model and plain words together.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from tocsin.config.merging import merge
from tocsin.config.places import Places, written
from tocsin.config.secret import Surroundings
from tocsin.config.toml_files import read_folder
from tocsin.config.wording import advice, expectation, expected_found, missing_key, sentence, unknown_key
from tocsin.errors import Finding, TocsinError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from pydantic_core import ErrorDetails

    from tocsin.config.toml_files import Stamp

M = TypeVar("M", bound=BaseModel)
DataPath = tuple[str | int, ...]


class ConfigRefused(TocsinError):  # noqa: N818 - it names what happened, as its siblings do
    """The configuration cannot be used; `str()` gives one line per fault.

    `awaited` are files and folders beside the TOML files, and how they stood (None: not there): one that is
    put right may end the refusal.
    """

    def __init__(
        self, findings: Iterable[Finding], *, awaited: Mapping[Path, Stamp | None] | None = None
    ) -> None:
        self.findings = tuple(findings)
        self.awaited = dict(awaited or {})
        super().__init__("\n".join(map(str, self.findings)))


@dataclass(frozen=True)
class Fault:
    """What a room's cross check finds: the path of the key at fault and a sentence with the remedy."""

    path: DataPath
    message: str
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True)
class Loaded(Generic[M]):
    """A configuration in force: its value, its folder, and where each key stands.

    `beside` are the files that secrets and calendars were read from, and how they stood before that, for
    whoever watches for changes.
    """

    value: M
    folder: Path
    places: Places
    beside: Mapping[Path, Stamp | None] = field(default_factory=dict)


def load(
    folder: Path,
    model: type[M],
    *,
    environ: Mapping[str, str] | None = None,
    stand_in: Callable[[str], str] | None = None,
    only_missing: bool = False,
) -> Loaded[M]:
    """Read all configuration files of `folder` and check them against `model`.

    With `stand_in` no secret is read: it makes up a value for each from its origin, such as "env NAME"; with
    `only_missing` just for those that cannot be read here.
    Raises ConfigRefused with a finding for each fault: files that cannot be read, TOML errors, keys set in
    two files, unknown and missing keys, values of the wrong kind, secrets that cannot be read.
    """
    files, unread = read_folder(folder)
    if unread:
        raise ConfigRefused(unread)
    data, conflicts = merge(files)
    if conflicts:
        raise ConfigRefused(conflicts)
    places = Places(files)
    environ = os.environ if environ is None else environ
    around = Surroundings(folder, environ, stand_in=stand_in, only_missing=only_missing)
    try:
        value = model.model_validate(data, context=around)
    except ValidationError as error:
        faults = _faults(error.errors(include_url=False), data, model)
        raise ConfigRefused(in_order(places, faults), awaited=around.read) from None
    return Loaded(value, folder, places, around.read)


def finding(
    loaded: Loaded[Any],
    path: Sequence[str | int],
    message: str,
    severity: Literal["error", "warning"] = "error",
) -> Finding:
    """Make a room's own cross check into a line: `people.toml:12: users.maria.pin: ...`."""
    return _placed(loaded.places, Fault(tuple(path), message, severity))


def in_order(places: Places, faults: Iterable[Fault]) -> list[Finding]:
    """Turn faults into findings, in the order of files and lines."""
    order = {name: index for index, name in enumerate(places.files)}
    findings = [_placed(places, fault) for fault in faults]
    return sorted(findings, key=lambda one: (order.get(one.file, 0), one.line or 0))


def _placed(places: Places, fault: Fault) -> Finding:
    file, line = places.line(fault.path)
    where = f"{written(fault.path)}: " if fault.path else ""
    return Finding(file, line, where + fault.message, fault.severity)


def _faults(errors: Sequence[ErrorDetails], data: Mapping[str, Any], model: type[BaseModel]) -> list[Fault]:
    """Group pydantic's errors by the value they speak of; the branches of a union become one sentence."""
    grouped: dict[DataPath, list[ErrorDetails]] = {}
    in_union: set[DataPath] = set()
    for error in errors:
        path, tagged = _data_path(error, data)
        grouped.setdefault(path, []).append(error)
        if tagged:
            in_union.add(path)
    faults: list[Fault] = []
    for path, group in grouped.items():
        deeper = any(other != path and other[: len(path)] == path for other in grouped)
        if path in in_union and deeper:
            continue  # the branch of the union that fits the value best has said what is wrong inside it
        faults.append(Fault(path, _said(path, group, model)))
    return faults


def _said(path: DataPath, group: Sequence[ErrorDetails], model: type[BaseModel]) -> str:
    first = group[0]
    if first["type"] == "extra_forbidden":
        return unknown_key(path, model)
    if first["type"] == "missing":
        return missing_key(path, model)
    if len(group) == 1:
        return sentence(first)
    expected = [expectation(error) for error in group]
    if all(expected):
        hints = [hint for error in group if (hint := advice(error))]
        return expected_found([one for one in expected if one], first["input"]) + "".join(hints[:1])
    return "; or ".join(dict.fromkeys(sentence(error) for error in group))


def _data_path(error: ErrorDetails, data: Mapping[str, Any]) -> tuple[DataPath, bool]:
    """Return the path in the files, and whether pydantic's location named union branches on the way.

    Its location mixes keys with names of branches; only what leads somewhere in the data is a key.
    """
    path: list[str | int] = []
    here: Any = data
    tagged = False
    steps = error["loc"]
    for number, step in enumerate(steps):
        if _leads_on(here, step):
            here = here[step]
            path.append(step)
        elif error["type"] == "missing" and number == len(steps) - 1:
            path.append(step)
        else:
            tagged = True
    return tuple(path), tagged


def _leads_on(here: Any, step: str | int) -> bool:
    if isinstance(here, list):
        return isinstance(step, int) and step < len(here)
    return isinstance(here, dict) and step in here
