"""How a language is spoken: plural rules, numbers with units, times and durations, from CLDR by way of babel.

On the gateway's side only: locale data has no place in a worker. What a worker needs of it goes along with
each turn as plain data, in the shape of `phrases.ENGLISH_MANNER`.
"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from tocsin.calls.phrases import PLURALS, chain, in_digits

if TYPE_CHECKING:
    from babel import Locale

SCRIPT_LETTERS: Final = 4
"""Letters of a tag's script, such as Latn; its region has fewer."""

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000

CLDR_UNITS: Final[dict[str, str | tuple[str, str]]] = {
    **dict.fromkeys(("%", "percent", "pct"), "concentr-percent"),
    **dict.fromkeys(("°C", "degC", "deg C", "celsius", "C"), "temperature-celsius"),
    **dict.fromkeys(("°F", "degF", "deg F", "fahrenheit", "F"), "temperature-fahrenheit"),
    **dict.fromkeys(("K", "kelvin"), "temperature-kelvin"),
    **dict.fromkeys(("°", "deg", "degrees"), "angle-degree"),
    "bar": "pressure-bar",
    "mbar": "pressure-millibar",
    "Pa": "pressure-pascal",
    "hPa": "pressure-hectopascal",
    "kPa": "pressure-kilopascal",
    "MPa": "pressure-megapascal",
    "psi": "pressure-pound-force-per-square-inch",
    "mm": "length-millimeter",
    "cm": "length-centimeter",
    "m": "length-meter",
    "km": "length-kilometer",
    "in": "length-inch",
    "ft": "length-foot",
    **dict.fromkeys(("m2", "m²"), "area-square-meter"),
    **dict.fromkeys(("m3", "m³"), "volume-cubic-meter"),
    **dict.fromkeys(("l", "L"), "volume-liter"),
    **dict.fromkeys(("ml", "mL"), "volume-milliliter"),
    "gal": "volume-gallon",
    "mg": "mass-milligram",
    "g": "mass-gram",
    "kg": "mass-kilogram",
    "t": "mass-tonne",
    "lb": "mass-pound",
    "ms": "duration-millisecond",
    "s": "duration-second",
    "min": "duration-minute",
    "h": "duration-hour",
    "d": "duration-day",
    "mA": "electric-milliampere",
    "A": "electric-ampere",
    "V": "electric-volt",
    **dict.fromkeys(("ohm", "Ω"), "electric-ohm"),
    "W": "power-watt",
    "kW": "power-kilowatt",
    "MW": "power-megawatt",
    "kWh": "energy-kilowatt-hour",
    "J": "energy-joule",
    "kJ": "energy-kilojoule",
    "Hz": "frequency-hertz",
    "kHz": "frequency-kilohertz",
    "MHz": "frequency-megahertz",
    "lx": "light-lux",
    "m/s": "speed-meter-per-second",
    "km/h": "speed-kilometer-per-hour",
    "rpm": ("angle-revolution", "duration-minute"),
}
"""Units as plants write them, by CLDR's names; a quotient such as m3/h is put together from its parts."""

_SPACES = re.compile("[\u00a0\u202f\u2009]")
_CLDR_NAME = re.compile(
    "(?:concentr|temperature|angle|pressure|length|area|volume|mass|duration|electric|power|energy|frequency|light|speed)-[a-z]"
)
_PATTERN = re.compile(r"'([^']*)'|([a-zA-Z])\2*|[^a-zA-Z']+")
# The field symbols of a CLDR time pattern (https://unicode.org/reports/tr35/tr35-dates.html#Date_Field_Symbol_Table).


class Tongue:
    """One language as CLDR knows it; `tag` is how BCP 47 writes it.

    `categories` are the plural forms its whole numbers need, `possible` also those of fractions and millions.
    """

    def __init__(self, tag: str, locale: Locale) -> None:
        self.tag = tag
        self._locale = locale
        rule = locale.plural_form
        forms = [rule(number) for number in range(PLURALS)]
        self.plurals = {number: form for number, form in enumerate(forms) if form != "other"}
        self.categories: frozenset[str] = frozenset(forms) | {"other"}
        self.possible: frozenset[str] = rule.tags | {"other"}
        self.decimal: str = str(locale.number_symbols["latn"]["decimal"])
        self.time = _time_tokens(locale.time_formats["short"].pattern)
        periods = locale.day_periods["format"]["wide"]
        self.day_periods = [str(periods.get("am", "AM")), str(periods.get("pm", "PM"))]
        self._with_unit = lru_cache(maxsize=512)(self._format_unit)
        self._ago = lru_cache(maxsize=512)(self._format_ago)

    def manner(self) -> dict[str, Any]:
        """Return what a worker needs to speak this language, in the shape of `phrases.ENGLISH_MANNER`."""
        return {
            "plurals": self.plurals,
            "decimal": self.decimal,
            "time": self.time,
            "day_periods": self.day_periods,
        }

    def with_unit(self, number: float, unit: str) -> str | None:
        """Return a number from 0 with its unit, "93.4 degrees Celsius"; None where the unit is unknown."""
        return self._with_unit(in_digits(number, "."), unit)

    def _format_unit(self, number: str, unit: str) -> str | None:
        from babel.numbers import parse_decimal  # babel is imported when it is first needed
        from babel.units import format_compound_unit, format_unit

        named = named_unit(unit)
        if named is None:
            return None
        value = parse_decimal(number, locale="en")
        if isinstance(named, tuple):
            said = format_compound_unit(
                value, named[0], denominator_unit=named[1], format="0.##########", locale=self._locale
            )
        else:
            said = format_unit(value, named, "long", format="0.##########", locale=self._locale)
        # A language without a name for the unit is given CLDR's own, such as "volume-cubic-meter".
        return None if not said or _CLDR_NAME.search(said) else _plain_spaces(said)

    def ago(self, ms: int) -> str:
        """Return how long ago something was, in whole minutes, hours or days: "4 minutes ago"."""
        unit = DAY_MS if ms >= 2 * DAY_MS else HOUR_MS if ms >= 2 * HOUR_MS else MINUTE_MS
        return self._ago(max(ms // unit, 1) * unit)

    def _format_ago(self, ms: int) -> str:
        from babel.dates import format_timedelta

        granularity = "day" if ms >= 2 * DAY_MS else "hour" if ms >= 2 * HOUR_MS else "minute"
        said = format_timedelta(
            timedelta(milliseconds=-ms),
            granularity=granularity,  # type: ignore[arg-type]  # one of the words it takes
            threshold=1_000_000,  # never a larger unit: "1 week ago" is no answer after 9 days
            add_direction=True,
            locale=self._locale,
        )
        return _plain_spaces(said)


@lru_cache(maxsize=64)
def tongue(language: str) -> Tongue | None:
    """Return what CLDR knows of a BCP 47 language tag; None where it does not know the language."""
    from babel import Locale, UnknownLocaleError

    tag = canonical(language)
    for one in chain(tag):
        try:
            return Tongue(tag, Locale.parse(one, sep="-"))
        except (UnknownLocaleError, ValueError):
            continue
    return None


def canonical(language: str) -> str:
    """Return a language tag in BCP 47's capitals (RFC 5646 section 2.1.1): sr-latn-rs is sr-Latn-RS."""
    first, *others = language.replace("_", "-").split("-")
    return "-".join(
        [first.lower()] + [one.title() if len(one) == SCRIPT_LETTERS else one.upper() for one in others]
    )


def named_unit(unit: str) -> str | tuple[str, str] | None:
    """Return CLDR's name of a unit as plants write it, (numerator, denominator) of a quotient, or None."""
    named = CLDR_UNITS.get(unit)
    if named is not None or "/" not in unit:
        return named
    above, _, below = unit.partition("/")
    numerator, denominator = CLDR_UNITS.get(above), CLDR_UNITS.get(below)
    if not isinstance(numerator, str) or not isinstance(denominator, str):
        return None
    return numerator, denominator


def _plain_spaces(text: str) -> str:
    return _SPACES.sub(" ", text)


def _time_tokens(pattern: str) -> list[str]:
    """Cut CLDR's pattern of a time into the tokens `phrases.Speech` knows, and the text between them."""
    tokens = []
    for found in _PATTERN.finditer(_plain_spaces(pattern)):
        token = found[1] if found[1] is not None else found[0]
        tokens.append({"B": "a", "b": "a", "k": "H", "kk": "HH", "K": "h", "KK": "hh"}.get(token, token))
    return tokens
