"""The phrases, pronunciations and units of one configuration, over the shipped ones: who says what, and how.

On the gateway's side. It prepares what scripts are given to speak with, and says phrases for what the
gateway tells by itself, such as texts. The unit of an alarm's value stands in its data: `unit`, or `engUnit`
as Ignition names it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tocsin.calls import phrases
from tocsin.calls.own_words import OWN, said_of
from tocsin.calls.phrases import ENGLISH, Forms, Speech, chain
from tocsin.calls.spoken import MINUTE_MS, Tongue, tongue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tocsin.alarms import Episode

FALLBACK_LANGUAGE = "en-US"
"""What a call is spoken in whose language nobody has written phrases for."""


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
        self._spoken = lru_cache(maxsize=64)(self._make_spoken)
        self._has = lru_cache(maxsize=256)(self._is_written)

    def prepare(self, languages: Iterable[str]) -> None:
        """Load what speaking these languages needs, for a thread of its own: it may take 100 ms and more."""
        for language in languages:
            self._spoken(language).prepare()

    def language_for(self, language: str) -> str:
        """Return the language in which a call in `language` is spoken: itself, or English."""
        return language if self._has(language) else FALLBACK_LANGUAGE

    def manner(self, language: str, voices: Mapping[str, str]) -> dict[str, Any]:
        """Return how a call in `language` is spoken, as plain data for `phrases.Speech`.

        With it go the language as speech services want it and the voice that `voices` names for it.
        """
        if not self._has(language):
            language = next(_fitting(ENGLISH, voices), FALLBACK_LANGUAGE)
        manner = self._manner(language)
        spoken = language if language in voices else next(_fitting(language, voices), language)
        return {**manner, "language": spoken, "voice": voices.get(spoken, "")}

    def phrase(self, language: str, key: str, /, **values: object) -> str:
        """Return a phrase in a person's language, or in English where that has none.

        Raises TypeError for a value that cannot be said, ValueError for one that is missing.
        """
        return self._spoken(language).speech.phrase(key, values)

    def alarm(self, language: str, episode: Episode, now_ms: int, *, called: str = "") -> dict[str, str]:
        """Return an alarm in words: name, value, priority, since and state.

        `called` are words of its rule that stand for its name, "" for none.
        """
        return self._spoken(language).alarm(episode, now_ms, called=called)

    def name(self, language: str, episode: Episode) -> str:
        """Return what an alarm is called in writing: its label, and an own alarm by its phrase."""
        own = self._spoken(language).own(episode) if episode.path.startswith(OWN) else ""
        return own or episode.label or episode.name or episode.path

    def _is_written(self, language: str) -> bool:
        """Tell whether anybody has written phrases in a language, and how it is spoken is known."""
        written = any(one in self._own or one in phrases.PHRASES for one in chain(language))
        return written and tongue(language) is not None

    def _make_spoken(self, language: str) -> Spoken:
        language = self.language_for(language)
        units = _laid_over(phrases.UNITS, self._units, chain(language))
        return Spoken(Speech(self._manner(language)), _known(language), units)

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


class Spoken:
    """One language under one configuration."""

    def __init__(self, speech: Speech, known: Tongue, units: Mapping[str, Forms]) -> None:
        self.speech = speech
        self._known = known
        self._units = units
        self._value = lru_cache(maxsize=512)(self._say_value)
        self._word = lru_cache(maxsize=64)(lambda key: speech.phrase(key, {}))

    def prepare(self) -> None:
        """Load what is loaded at first use."""
        self._known.ago(MINUTE_MS)
        self._known.with_unit(1, "%")

    def alarm(self, episode: Episode, now_ms: int, *, called: str = "") -> dict[str, str]:
        """Return an alarm in words; `called` as in `Phrasebook.alarm`."""
        data, value, ms = episode.data, episode.value, now_ms - episode.active_ms
        unit = (data.get("unit") or data.get("engUnit") or "") if data else ""
        known_by = "acknowledged" if episode.acked else "unacknowledged"
        own = "" if called else self.own(episode)
        return {
            "name": own or self.speech.words(called or episode.label or episode.name),
            "value": self._value(value, type(value).__name__, unit if type(unit) is str else ""),
            "priority": self._word(f"priority-{episode.priority.lower()}"),
            "since": self._known.ago(ms) if ms >= MINUTE_MS else self._word("just-now"),
            "state": self._word(f"state-{episode.state}-{known_by}"),
        }

    def own(self, episode: Episode) -> str:
        """Return one of the gateway's own alarms in words, "" for any other."""
        return said_of(self.speech.phrase, episode)

    def _say_value(self, value: object, kind: str, unit: str) -> str:
        """Return a value with its unit in words; `kind`, its type, keeps 1 and True apart in the cache."""
        if value is None or value == "":
            return ""
        if kind == "bool":
            return self._word("true" if value else "false")
        if not isinstance(value, (int, float)):
            return self.speech.words(str(value))
        said = self._with_unit(abs(value), unit)
        return said if value >= 0 else self.speech.phrase("minus", {"number": said})

    def _with_unit(self, number: float, unit: str) -> str:
        digits = self.speech.words(number)
        own = self._units.get(unit)
        if own is not None:
            return f"{digits} {phrases.form(own, number, self._known.plurals)}"
        return self._known.with_unit(number, unit) or f"{digits} {self.speech.words(unit)}".rstrip()


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
