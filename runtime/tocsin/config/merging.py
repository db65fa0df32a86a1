"""Joining the tables of several files into one; the same key in two files is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin.config.places import Places, written
from tocsin.errors import Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.config.toml_files import TomlFile


def merge(files: Sequence[TomlFile]) -> tuple[dict[str, Any], list[Finding]]:
    """Return the joined tables, and a finding for every key that two files set."""
    joined: dict[str, Any] = {}
    owners: dict[tuple[str, ...], TomlFile] = {}
    findings: list[Finding] = []
    for file in files:
        _join(joined, file.data, (), file, owners, findings)
    return joined, findings


def _join(
    into: dict[str, Any],
    table: dict[str, Any],
    path: tuple[str, ...],
    file: TomlFile,
    owners: dict[tuple[str, ...], TomlFile],
    findings: list[Finding],
) -> None:
    for key, value in table.items():
        here = (*path, key)
        if key not in into:
            into[key] = value
            owners[here] = file
        elif isinstance(into[key], dict) and isinstance(value, dict):
            into[key] = dict(into[key])  # a copy: the file's own data stays as it was read
            _join(into[key], value, here, file, owners, findings)
        else:
            findings.append(_conflict(here, file, owners))


def _conflict(path: tuple[str, ...], file: TomlFile, owners: dict[tuple[str, ...], TomlFile]) -> Finding:
    known = path
    while known not in owners:  # the table was taken over whole from the earlier file
        known = known[:-1]
    first_file, first_line = Places([owners[known]]).line(path)
    _, line = Places([file]).line(path)
    first = first_file if first_line is None else f"{first_file}:{first_line}"
    return Finding(file.name, line, f"{written(path)}: is also set in {first}; keep one of the two")
