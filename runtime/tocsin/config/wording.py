"""Plain sentences for what is wrong with a value, made from pydantic's findings.

Each says what was expected, what stands there, and where it can be told, what to write instead.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from tocsin.config.places import written
from tocsin.config.shape import keys_of, sections_along

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_TRUTH = {"true": "true", "yes": "true", "on": "true", "1": "true"}
_TRUTH |= {"false": "false", "no": "false", "off": "false", "0": "false"}


def found(value: Any) -> str:
    """Name a value as a TOML user would: `the text "five"`, `the whole number 5`, `a list`."""
    for kind, named in _NAMED:
        if isinstance(value, kind):
            return named(value)
    return f"a {type(value).__name__}"


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def _digits(value: int) -> str:
    return str(value) if abs(value) < 10**40 else "with more than 40 digits"


# The first that fits counts: a bool is an int to Python, a datetime a date.
_NAMED: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (str, lambda value: f"the text {json.dumps(_shortened(value), ensure_ascii=False)}"),
    (bool, lambda value: str(value).lower()),
    (int, lambda value: f"the whole number {_digits(value)}"),
    (float, lambda value: f"the number {value}"),
    (Mapping, lambda _: "a table"),
    (Sequence, lambda _: "a list"),
    (dt.datetime, lambda value: f"the date and time {value.isoformat()}"),
    (dt.date, lambda value: f"the date {value.isoformat()}"),
    (dt.time, lambda value: f"the time {value.isoformat()}"),
)


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return `; did you mean "x"?` where a known word is near the given one, else nothing."""
    by_folded = {word.casefold(): word for word in known}
    near = get_close_matches(given[:100].casefold(), by_folded, n=1, cutoff=0.6)
    return f'; did you mean "{by_folded[near[0]]}"?' if near else ""


def unknown_key(path: Sequence[str | int], model: type[BaseModel]) -> str:
    """Say that nobody knows the key at `path`, and which key was probably meant."""
    key = str(path[-1])
    around = sections_along(model, path[:-1])
    nearest = [section for at, section in around if at == tuple(path[:-1])]
    known = [word for section in nearest for word in keys_of(section)]
    hint = did_you_mean(key, known)
    if hint:
        return f"unknown key{hint}"
    for at, section in reversed(around):
        # In TOML a key belongs to the heading above it: the commonest slip when a table has inner tables.
        if at != tuple(path[:-1]) and at and key in keys_of(section):
            return f"unknown key here; it belongs to {written(at)}: write it above the heading of this table"
    allowed = ", ".join(known[:30])
    return f"unknown key; allowed here: {allowed}" if known else "unknown key"


def missing_key(path: Sequence[str | int], model: type[BaseModel]) -> str:
    """Say that a key must be there, and what it means."""
    key = str(path[-1])
    for at, section in reversed(sections_along(model, path[:-1])):
        field = keys_of(section).get(key) if at == tuple(path[:-1]) else None
        if field is not None and field.description:
            return f"is missing; add it: {field.description}"
    return "is missing; add it"


def expectation(error: ErrorDetails) -> str | None:
    """Return what was expected, for errors of the kind "expected X, found Y"; None for other kinds."""
    kind, ctx = error["type"], error.get("ctx", {})
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    if kind in {"literal_error", "enum"}:
        return "one of " + str(ctx.get("expected", "")).replace("'", '"')
    return None


def sentence(error: ErrorDetails) -> str:
    """Say in plain words what one of pydantic's findings means."""
    value, kind, ctx = error["input"], error["type"], error.get("ctx", {})
    if kind in {"value_error", "assertion_error"} and "error" in ctx:
        return str(ctx["error"]) or "is not accepted"
    expected = expectation(error)
    if expected is not None:
        return expected_found([expected], value) + advice(error)
    if kind in _SENTENCES:
        return _SENTENCES[kind](ctx) + f"; found {found(value)}"
    said = error["msg"]
    return said[:1].lower() + said[1:]


def expected_found(expectations: Sequence[str], value: Any) -> str:
    """Return `expected X or Y, found Z`."""
    unique = list(dict.fromkeys(expectations))
    return f"expected {' or '.join(unique)}, found {found(value)}"


def advice(error: ErrorDetails) -> str:
    """Return `; write 5` where the value meant is plain."""
    value, kind = error["input"], error["type"]
    if kind in {"literal_error", "enum"} and isinstance(value, str):
        allowed = str(error.get("ctx", {}).get("expected", ""))
        return did_you_mean(
            value, [part for part in allowed.split("'") if part.strip(" ,") not in {"", "or"}]
        )
    make = _MEANT.get(kind)
    meant = make(value) if make else None
    return f"; write {meant}" if meant else ""


def _meant_number(value: Any) -> str | None:
    if isinstance(value, float) and value.is_integer():
        return _digits(int(value))
    if not isinstance(value, str):
        return None
    text = value.strip().replace(" ", "").casefold()
    if text in _NUMBERS:
        return str(_NUMBERS.index(text))
    return (
        str(int(text)) if text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 30 else None
    )


def _meant_float(value: Any) -> str | None:
    if not isinstance(value, str) or len(value) > 30:
        return None
    try:
        number = float(value.strip().replace(",", "."))
    except ValueError:
        return _meant_number(value)
    return repr(number) if number - number == 0 else None


def _meant_truth(value: Any) -> str | None:
    return _TRUTH.get(str(value).strip().casefold()) if isinstance(value, (str, int)) else None


def _meant_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return f'"{str(value).lower()}"'
    if isinstance(value, dt.time):
        return f'"{value.isoformat("minutes" if not value.second else "seconds")}"'
    if isinstance(value, (int, float)) and value - value == 0:
        return f'"{_digits(value) if isinstance(value, int) else value}"'
    return None


def _meant_list(value: Any) -> str | None:
    if isinstance(value, str):
        return f"[{json.dumps(_shortened(value), ensure_ascii=False)}]"
    return f"[{value}]" if isinstance(value, (int, float)) and not isinstance(value, bool) else None


_MEANT: Mapping[str, Callable[[Any], str | None]] = {
    "int_type": _meant_number,
    "int_from_float": _meant_number,
    "float_type": _meant_float,
    "bool_type": _meant_truth,
    "string_type": _meant_text,
    "list_type": _meant_list,
    "tuple_type": _meant_list,
    "set_type": _meant_list,
    "frozen_set_type": _meant_list,
}

_EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number of ordinary size",
    "float_type": "a number",
    "finite_number": "an ordinary number",
    "bool_type": "true or false",
    "string_type": "text in quotes",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a table",
    "mapping_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "path_type": "a path in quotes",
    "date_type": "a date such as 2026-01-31",
    "time_type": "a time such as 07:30:00",
    "datetime_type": "a date and time such as 2026-01-31T07:30:00Z",
    "none_required": "nothing",
}

_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than": lambda ctx: f"must be above {ctx['gt']}",
    "greater_than_equal": lambda ctx: f"must be {ctx['ge']} or more",
    "less_than": lambda ctx: f"must be below {ctx['lt']}",
    "less_than_equal": lambda ctx: f"must be {ctx['le']} or less",
    "multiple_of": lambda ctx: f"must be a multiple of {ctx['multiple_of']}",
    "string_too_short": lambda ctx: _length("must have at least", ctx["min_length"], "character"),
    "string_too_long": lambda ctx: _length("must have at most", ctx["max_length"], "character"),
    "too_short": lambda ctx: _length("must have at least", ctx["min_length"], "entry"),
    "too_long": lambda ctx: _length("must have at most", ctx["max_length"], "entry"),
    "string_pattern_mismatch": lambda ctx: f"must match the pattern {ctx['pattern']}",
}


def _length(said: str, count: int, noun: str) -> str:
    plural = "entries" if noun == "entry" else noun + "s"
    return f"{said} {count} {noun if count == 1 else plural}"
