"""What `alarm.spoken` holds: an alarm in the words of a language, with its unit and how long ago it was."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin.alarms import Episode
from tocsin.calls.phrasebook import Phrasebook

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
SHIPPED = Phrasebook()


def alarm(**more: Any) -> Episode:
    facts: dict[str, Any] = {"label": "Pump 2 high level", "value": 93.4, "data": {"unit": "percent"}, **more}
    return Episode("e1", "Plant/Pump 2/High level", "High level", "High", 0, **facts)


def spoken(language: str, now_ms: int = 4 * MINUTE, **more: Any) -> dict[str, str]:
    return SHIPPED.alarm(language, alarm(**more), now_ms)


def test_an_alarm_in_three_languages() -> None:
    """Everything that is said of it, ready to be put into a sentence."""
    assert spoken("en-US") == {
        "name": "Pump 2 high level",
        "value": "93.4 percent",
        "priority": "high",
        "since": "4 minutes ago",
        "state": "active",
    }
    assert spoken("sv-SE") == {
        "name": "Pump 2 high level",
        "value": "93,4 procent",
        "priority": "hög",
        "since": "för 4 minuter sedan",
        "state": "aktivt",
    }
    assert spoken("de-DE") == {
        "name": "Pump 2 high level",
        "value": "93,4 Prozent",
        "priority": "hoch",
        "since": "vor 4 Minuten",
        "state": "aktiv",
    }


@pytest.mark.parametrize(
    ("value", "unit", "english", "swedish", "german"),
    [
        (87, "°C", "87 degrees Celsius", "87 grader Celsius", "87 Grad Celsius"),
        (1, "degC", "1 degree Celsius", "1 grad Celsius", "1 Grad Celsius"),
        (-18.5, "°C", "minus 18.5 degrees Celsius", "minus 18,5 grader Celsius", "minus 18,5 Grad Celsius"),
        (150, "m3/h", "150 cubic metres per hour", "150 kubikmeter per timme", "150 Kubikmeter pro Stunde"),
        (1, "l/s", "1 litre per second", "1 liter per sekund", "1 Liter pro Sekunde"),
        (1450, "rpm", "1450 revolutions per minute", "1450 varv per minut", "1450 Umdrehungen pro Minute"),
        (0.35, "mg/l", "0.35 milligrams per litre", "0,35 milligram per liter", "0,35 Milligramm pro Liter"),
        (7.2, "pH", "7.2 pH", "7,2 pH", "7,2 pH"),
        (12, "ppm", "12 p p m", "12 ppm", "12 ppm"),
        (12, "", "12", "12", "12"),
        (True, "", "on", "till", "ein"),
        ("Fault 17", "", "Fault 17", "Fault 17", "Fault 17"),
        (None, "bar", "", "", ""),
        (12345.678, "kWh", "12345.68 kilowatt-hours", "12345,68 kilowattimmar", "12345,68 Kilowattstunden"),
    ],
)
def test_a_value_is_said_with_its_unit(
    value: object, unit: str, english: str, swedish: str, german: str
) -> None:
    """Units as plants write them become words, in the number the value asks for."""
    said = [spoken(one, value=value, data={"unit": unit})["value"] for one in ("en-GB", "sv-SE", "de-DE")]
    assert said == [english, swedish, german]


@pytest.mark.parametrize(
    ("ms", "english", "swedish", "german"),
    [
        (0, "just now", "alldeles nyss", "gerade eben"),
        (-5 * MINUTE, "just now", "alldeles nyss", "gerade eben"),
        (MINUTE, "1 minute ago", "för 1 minut sedan", "vor 1 Minute"),
        (119 * MINUTE, "119 minutes ago", "för 119 minuter sedan", "vor 119 Minuten"),
        (5 * HOUR, "5 hours ago", "för 5 timmar sedan", "vor 5 Stunden"),
        (2 * DAY, "2 days ago", "för 2 dagar sedan", "vor 2 Tagen"),
        (45 * DAY, "45 days ago", "för 45 dagar sedan", "vor 45 Tagen"),
    ],
)
def test_how_long_ago_is_said_in_the_unit_people_use(
    ms: int, english: str, swedish: str, german: str
) -> None:
    """Minutes up to two hours, hours up to two days, then days; a clock that was set back is no obstacle."""
    assert [spoken(one, ms)["since"] for one in ("en-GB", "sv-SE", "de-DE")] == [english, swedish, german]


def test_a_unit_of_the_projects_own() -> None:
    """It goes before what CLDR calls it, and may have plural forms."""
    book = Phrasebook(units={"en": {"m3/h": {"one": "cube an hour", "other": "cubes an hour"}}})
    said = [
        book.alarm("en-US", alarm(value=value, data={"unit": "m3/h"}), 0)["value"] for value in (1, 2, 1.5)
    ]
    assert said == ["1 cube an hour", "2 cubes an hour", "1.5 cubes an hour"]


def test_ignitions_name_of_the_unit_is_understood() -> None:
    """A tag's engUnit arrives in an alarm's data under that name."""
    assert spoken("en-US", data={"engUnit": "bar"})["value"] == "93.4 bars"


@pytest.mark.parametrize("data", [{}, {"unit": None}, {"unit": ["bar"]}, {"unit": 5}])
def test_a_unit_that_is_none_is_left_out(data: dict[str, Any]) -> None:
    """Whatever a source sends, the value is said."""
    assert spoken("en-US", data=data)["value"] == "93.4"


@pytest.mark.parametrize("language", ["en-US", "sv-SE", "de-DE"])
def test_every_state_and_priority_has_a_word(language: str) -> None:
    """None falls back to the key's plain words."""
    from tocsin.alarms.episode import PRIORITIES

    for state in ("active", "cleared"):
        for acked_ms in (None, 1):
            assert "state" not in spoken(language, state=state, acked_ms=acked_ms)["state"]
    for priority in PRIORITIES:
        episode = Episode("e1", "Plant/A", "A", priority, 0)
        assert "priority" not in SHIPPED.alarm(language, episode, 0)["priority"]
