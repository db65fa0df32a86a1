"""The right way to write a telephone number that somebody wrote in another way.

Used only for advice in error messages; phonenumbers is loaded when the first wrong number is met.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)  # ITU-T E.164 section 6.2: at most 15 digits


def is_e164(text: str) -> bool:
    """Return whether the text is a number in E.164 form such as "+46701234567"."""
    return _E164.fullmatch(text) is not None


def not_e164(text: str, region: str | None) -> str:
    """Return the sentence that refuses a number, with the right form where it can be told."""
    right = suggestion(text, region)
    remedy = f"write it as {right}" if right else "write it with + and country code, like +46701234567"
    return f'"{text[:60]}" is not an E.164 number; {remedy}'


def suggestion(text: str, region: str | None) -> str | None:
    """Return the E.164 form of a number as a person wrote it; `region` (ISO 3166) reads national numbers."""
    import phonenumbers

    if len(text) > 40:
        return None
    try:
        parsed = phonenumbers.parse(text, region)
        if not phonenumbers.is_possible_number(parsed):
            return None
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        return None


def region_of(numbers: Iterable[str], timezone: str | None, own: Iterable[str] = ()) -> str | None:
    """Return the region of most of people's numbers, else of the time zone, else of the gateway's `own`."""
    return _most_frequent(numbers) or _regions_by_zone().get(timezone or "") or _most_frequent(own)


def _most_frequent(numbers: Iterable[str]) -> str | None:
    import phonenumbers

    regions: Counter[str] = Counter()
    for number in numbers:
        if is_e164(number):
            region = phonenumbers.region_code_for_number(phonenumbers.parse(number, None))
            if region is not None:
                regions[region] += 1
    return max(sorted(regions), key=lambda region: regions[region], default=None)


@cache
def _regions_by_zone() -> dict[str, str]:
    try:
        table = resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8")
    except (ImportError, OSError):
        return {}
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return {row[2]: row[0] for row in rows if len(row) > 2}
