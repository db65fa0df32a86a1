"""The phrases, pronunciations and units of one configuration, over the shipped ones: who says what, and how.

On the gateway's side. It prepares what scripts are given to speak with, and says phrases for what the
gateway tells by itself, such as texts.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tocsin.calls import phrases
from tocsin.calls.phrases import ENGLISH, Forms, Speech, chain
from tocsin.calls.spoken import MINUTE_MS, Tongue, tongue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tocsin.alarms import Episode

FALLBACK_LANGUAGE = "en-US"
"""What a call is spoken in whose language nobody has written phrases for."""

UNIT_KEYS = ("unit", "engUnit")
"""Where an alarm's data may say the unit of its value; the second is Ignition's name of a tag's property."""


class Phrasebook:
    """Everything that is said under one configuration; what it has prepared once it keeps.

    Each table is language -> written -> said, languages as BCP 47 tags. A tag with a region goes before the
    same language without one, a project's own before what is shipped, and English comes last.
    """

    def __init__(
        self,
        own: Mapping[str, Mapping[str, Forms]] | None = None,
        *,
        pronunciations: Mapping[str, Mapping[str, str]] | None = None,
        units: Mapping[str, Mapping[str, Forms]] | None = None,
    ) -> None:
        self._own = own or {}
        self._pronunciations = pronunciations or {}
        self._units = units or {}
        self._manner = lru_cache(maxsize=64)(self._make_manner)
        self._speech = lru_cache(maxsize=64)(lambda language: Speech(self._manner(language)))
        self._unit_table = lru_cache(maxsize=64)(self._make_unit_table)
        self._said_value = lru_cache(maxsize=2048)(self._say_value)

    def has(self, language: str) -> bool:
        """Tell whether anybody has written phrases in a language, and how it is spoken is known."""
        written = any(one in self._own or one in phrases.PHRASES for one in chain(language))
        return written and tongue(language) is not None

    def language_for(self, language: str) -> str:
        """Return the language in which a call in `language` is spoken: itself, or English."""
        return language if self.has(language) else FALLBACK_LANGUAGE

    def manner(self, language: str, voices: Mapping[str, str]) -> dict[str, Any]:
        """Return how a call in `language` is spoken, as plain data for `phrases.Speech`.

        With it go the language as speech services want it and the voice that `voices` names for it.
        """
        if not self.has(language):
            language = next(_fitting(ENGLISH, voices), FALLBACK_LANGUAGE)
        manner = self._manner(language)
        spoken = language if language in voices else next(_fitting(language, voices), language)
        return {**manner, "language": spoken, "voice": voices.get(spoken, "")}

    def phrase(self, language: str, key: str, /, **values: object) -> str:
        """Return a phrase in a person's language, or in English where that has none.

        Raises TypeError for a value that cannot be said, ValueError for one that is missing.
        """
        return self._speech(self.language_for(language)).phrase(key, values)

    def alarm(self, language: str, episode: Episode, now_ms: int) -> dict[str, str]:
        """Return an alarm in words: name, value, priority, since and state."""
        language = self.language_for(language)
        speech = self._speech(language)
        unit = next((episode.data[key] for key in UNIT_KEYS if episode.data.get(key)), "")
        state = f"state-{episode.state}-{'' if episode.acked else 'un'}acknowledged"
        return {
            "name": speech.words(episode.label or episode.name),
            "value": self._said_value(language, episode.value, type(episode.value).__name__, str(unit)),
            "priority": speech.phrase(f"priority-{episode.priority.lower()}", {}),
            "since": self._since(language, now_ms - episode.active_ms),
            "state": speech.phrase(state, {}),
        }

    def _since(self, language: str, ms: int) -> str:
        if ms < MINUTE_MS:
            return self._speech(language).phrase("just-now", {})
        return _known(language).ago(ms)

    def _say_value(self, language: str, value: object, kind: str, unit: str) -> str:
        """Return a value with its unit in words; `kind`, its type, keeps 1 and True apart in the cache."""
        speech = self._speech(language)
        if value is None or value == "":
            return ""
        if kind == "bool":
            return speech.phrase("true" if value else "false", {})
        if not isinstance(value, (int, float)):
            return speech.words(str(value))
        said = self._with_unit(language, abs(value), unit)
        return said if value >= 0 else speech.phrase("minus", {"number": said})

    def _with_unit(self, language: str, number: float, unit: str) -> str:
        speech, known = self._speech(language), _known(language)
        digits = speech.words(number)
        own = self._unit_table(language).get(unit)
        if own is not None:
            words = (
                own
                if isinstance(own, str)
                else own.get(phrases.category(number, known.plurals)) or own["other"]
            )
            return f"{digits} {words}"
        return known.with_unit(number, unit) or f"{digits} {speech.words(unit)}".rstrip()

    def _make_manner(self, language: str) -> dict[str, Any]:
        wider, known = chain(language), _known(language)
        tables = [one for one in wider if one in phrases.PHRASES]
        own: dict[str, Forms] = {}
        for one in reversed(wider):
            own.update(self._own.get(one, {}))
        if ENGLISH not in wider:
            shipped = {key for one in tables for key in phrases.PHRASES[one]}
            english = {**self._own.get(ENGLISH, {}), **self._own.get(FALLBACK_LANGUAGE, {})}
            own = {key: text for key, text in english.items() if key not in shipped} | own
            tables.append(ENGLISH)
        return {
            "language": language,
            "voice": "",
            "tables": tables,
            "phrases": own,
            "words": _laid_over(phrases.PRONUNCIATIONS, self._pronunciations, wider),
            **known.manner(),
        }

    def _make_unit_table(self, language: str) -> dict[str, Forms]:
        return _laid_over(phrases.UNITS, self._units, chain(language))


def _known(language: str) -> Tongue:
    found = tongue(language)
    assert found is not None, language  # language_for has looked
    return found


def _fitting(language: str, voices: Mapping[str, str]) -> Iterator[str]:
    """Yield the languages of `voices` that are `language` with a region, or without the one it has."""
    without = chain(language)[-1]
    if without == language:
        yield from (one for one in voices if chain(one)[-1] == language)
    elif without in voices:
        yield without


def _laid_over(
    shipped: Mapping[str, Mapping[str, Any]], own: Mapping[str, Mapping[str, Any]], wider: list[str]
) -> dict[str, Any]:
    """Return one table: the project's over the shipped ones, the nearer language over the wider."""
    table: dict[str, Any] = {}
    for layer in (shipped, own):
        for one in reversed(wider):
            table |= layer.get(one, {})
    return table
