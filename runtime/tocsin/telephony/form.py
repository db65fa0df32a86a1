"""Bodies of type application/x-www-form-urlencoded, parsed exactly or refused.

The signature covers every name and value, so nothing may be guessed, replaced or dropped here: what is not
clearly a form is refused with one sentence. What must not live here: which parameters a webhook needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from tocsin.errors import TocsinError

MOST_FIELDS = 1000

_MALFORMED = re.compile(r"%(?![0-9A-Fa-f]{2})")


class BadForm(TocsinError):  # noqa: N818  the name says what the caller sent
    """The body is no form that can be read in one way only; `str()` says why, without any value."""


@dataclass(frozen=True, slots=True)
class Form:
    """One body: `fields` as they came (for the signature), `params` by name (for everything else)."""

    fields: list[tuple[str, str]]
    params: dict[str, str]


def _decoded(text: str) -> str:
    # By far the most frequent escape is the plus of a telephone number.
    text = text.replace("%2B", "+")
    if "%" not in text:
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise BadForm("The form holds an escaped byte sequence that is not UTF-8.") from None


def _shown(name: str) -> str:
    return repr(name if len(name) <= 40 else name[:40] + "…")


def _text(raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise BadForm("The form holds bytes that are not UTF-8.") from None
    if "%" in text and (bad := _MALFORMED.search(text)) is not None:
        raise BadForm(
            f'The form holds a "%" without two hexadecimal digits after it, at character {bad.start() + 1}.'
        )
    if text.count("&") >= MOST_FIELDS:
        raise BadForm(f"The form has more than {MOST_FIELDS} fields.")
    return text.replace("+", " ")


def parse(raw: bytes) -> Form:
    """Parse a raw body into its fields.

    Reads what `urllib.parse.parse_qsl(keep_blank_values=True)` reads, and raises BadForm for what that one
    lets pass or replaces: bytes or escapes that are not UTF-8, a "%" without two hexadecimal digits, more
    than 1000 fields, and one name with two different values (a reader that picked one of them would
    disagree with a reader that picked the other; the signature covers both).
    """
    fields: list[tuple[str, str]] = []
    for pair in _text(raw).split("&"):
        if pair:
            name, _, value = pair.partition("=")
            if "%" in pair:
                name, value = _decoded(name), _decoded(value)
            fields.append((name, value))
    params = dict(fields)
    if len(params) != len(fields):
        for name, value in fields:
            if params[name] != value:
                raise BadForm(f"The parameter {_shown(name)} occurs twice with different values.")
    return Form(fields, params)
