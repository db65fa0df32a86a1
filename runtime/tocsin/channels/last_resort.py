"""The last resort: numbers that are called when the ordinary way has failed, with the database or without it.

Called where the database refuses writes, so that no alarm can be taken, and where a pipeline has told
nobody. The text goes inline with the request, so that nothing of ours is needed to say it; any Twilio
profile that works will do. It is in the language of whose number it is, else in that of the profile's calls.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import structlog

from tocsin.alarms import store as alarm_store
from tocsin.calls import statistics
from tocsin.calls.phrasebook import FALLBACK_LANGUAGE, Phrasebook
from tocsin.channels import store
from tocsin.channels.announcing import document
from tocsin.channels.station import LAST_RESORT
from tocsin.db import NotStored
from tocsin.journal import entries, record
from tocsin.telephony.numbers import masked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from tocsin.alarms import Episode
    from tocsin.channels.station import Station
    from tocsin.db import DbHealth
    from tocsin.engine.port import Job
    from tocsin.telephony.attempt import Attempt

log = structlog.get_logger("tocsin.channels")

AGAIN_MS: Final = 10 * 60_000
"""A number is called once in this time at most, while the cause lasts."""

REFUSING_MS: Final = 30_000
"""A database that refuses for a shorter time is no reason to wake anybody."""

RETRY_MS: Final = 30_000
"""So soon it is tried again where no profile took the call."""

_LOOK_S: Final = 5.0
_RING_S: Final = 45
_LONGEST_CALL_S: Final = 300
_LONGEST_NAME: Final = 200
_RUNG: Final = "last-resort.rung"
_SHIPPED: Final = Phrasebook()

Cause: TypeAlias = "Callable[[Phrasebook, str], str]"
"""Gives why somebody is called, in phrases of a language."""


@dataclass(frozen=True, slots=True)
class Due:
    """The numbers to call now, and when to look again (ms UTC)."""

    numbers: tuple[str, ...]
    look_ms: int


@dataclass(frozen=True, slots=True)
class Rung:
    """Whether any number was called this time, and when to look again (ms UTC)."""

    taken: bool
    look_ms: int


def due(numbers: Iterable[str], tried: Mapping[str, tuple[int, bool]], now_ms: int) -> Due:
    """Decide whom to call while there is a cause; `tried` says when each was last tried, and if it was taken.

    Moments to come count for nothing: the clock was set.
    """
    now, later = [], [now_ms + AGAIN_MS]
    for number in dict.fromkeys(numbers):
        at_ms, taken = tried.get(number, (None, False))
        free_ms = now_ms if at_ms is None or at_ms > now_ms else at_ms + (AGAIN_MS if taken else RETRY_MS)
        if free_ms <= now_ms:
            now.append(number)
        else:
            later.append(free_ms)
    return Due(tuple(now), min(later))


def refusing_since(health: DbHealth, now_ms: int) -> int | None:
    """Tell since when the database has refused writes for so long that somebody must know, or None."""
    return health.since_ms if not health.ok and now_ms - health.since_ms >= REFUSING_MS else None


class LastResort:
    """Calls the numbers of last resort. Jobs of its queue are episodes that nobody was told of."""

    def __init__(self, station: Station, *, numbers: Callable[[], Sequence[str]]) -> None:
        self._station = station
        self._numbers = numbers
        self._tried: dict[str, tuple[int, bool]] = {}
        self._one_round = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to watch the database; remembers whom an earlier process called."""
        since_ms = self._station.now_ms - AGAIN_MS
        found = await self._station.services.db.read(
            lambda conn: entries(conn, kind=_RUNG, since_ms=since_ms)
        )
        by_mark = {_mark(number): number for number in self._numbers()}
        for entry in found:
            number = by_mark.get(entry.data.get("mark", ""))
            if number is not None:
                self._tried[number] = (entry.at_ms, True)
        self._watching = asyncio.ensure_future(self._watch())

    async def aclose(self) -> None:
        """Stop watching."""
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching

    # Causes.

    def nobody_reached_in(self, conn: Connection, episode_id: str, now_ms: int) -> None:
        """Have the numbers called, once this is committed, until somebody looks after an episode.

        About one that needs no acknowledgement they are called once.
        """
        if self._numbers():
            self._station.engine.enqueue_in(conn, LAST_RESORT, episode_id, due_ms=now_ms)

    async def handle(self, jobs: Sequence[Job]) -> None:
        """Call about episodes that nobody was told of, and that still wait."""
        station = self._station
        db = station.services.db
        found = await db.read(lambda conn: alarm_store.by_ids(conn, [job.key for job in jobs]))
        now_ms = station.now_ms
        waiting = {key: one for key, one in found.items() if _still(one, now_ms)}
        look_ms = now_ms
        if waiting:
            rung = await self._ring(_about(list(waiting.values()), now_ms, self._station.services.said_as))
            look_ms = rung.look_ms
            if rung.taken:
                # Nobody can take these over, so once is enough; their runs ask again when they begin anew.
                waiting = {key: one for key, one in waiting.items() if one.ack_mode != "Unused"}

        def work(conn: Connection) -> None:
            # A run that has ended meanwhile has called it off.
            wanted = waiting.keys() & store.jobs(conn, LAST_RESORT)
            station.engine.complete_in(conn, [job for job in jobs if job.key not in wanted])
            station.engine.enqueue_all_in(conn, LAST_RESORT, [(key, look_ms, 0) for key in sorted(wanted)])

        await db.write(work)

    async def _watch(self) -> None:
        while True:
            await self._station.services.clock.sleep(_LOOK_S)
            try:
                services = self._station.services
                since_ms = refusing_since(services.db.health, self._station.now_ms)
                if since_ms is not None:
                    at = datetime.fromtimestamp(since_ms / 1000, UTC).astimezone(services.timezone)
                    with services.clock.hold():
                        await self._ring(
                            lambda phrases, spoken: phrases.phrase(spoken, "last-resort-storage", at=at)  # noqa: B023  awaited here
                        )
            except Exception:
                # Whatever this was, the next look must come.
                log.exception("last-resort-failed")

    # Calling.

    async def _ring(self, cause: Cause) -> Rung:
        """Call whoever is due."""
        station = self._station
        any_taken = False
        async with self._one_round:
            for number in due(self._numbers(), self._tried, station.now_ms).numbers:
                taken = await self._call(number, cause)
                self._tried[number] = (station.now_ms, taken)
                any_taken = any_taken or taken
            return Rung(any_taken, due(self._numbers(), self._tried, station.now_ms).look_ms)

    async def _call(self, number: str, cause: Cause) -> bool:
        """Call one number by the first profile that takes the call; True unless it was surely not taken."""
        why = cause(_SHIPPED, FALLBACK_LANGUAGE)  # on record in one language
        doubtful = False
        for profile in self._profiles():
            client = self._station.client(profile)
            if client is None:
                continue
            tried = await client.place_call(
                number, twiml=self._said(number, profile, cause), timeout=_RING_S, time_limit=_LONGEST_CALL_S
            )
            log.warning(
                "last-resort", number=masked(number), profile=profile, state=tried.state, why=tried.why or why
            )
            if tried.state == "placed":
                await self._note(number, client.profile.account_sid, profile, tried, why)
                return True
            doubtful = doubtful or tried.state == "unknown"
        return doubtful

    def _said(self, number: str, profile: str, cause: Cause) -> str:
        """Give what is said; with the shipped phrases where the project's do not let it be said."""
        services = self._station.services
        line = next((one for one in services.lines.values() if one.twilio_profile == profile), None)
        person = services.directory.owner(number)
        language = (person.language if person else None) or (line.language if line else FALLBACK_LANGUAGE)
        voices = line.voices if line else {}
        try:
            return _spoken(services.phrases, language, voices, services.site, cause)
        except Exception:  # whatever it was, the telephone must ring
            log.exception("last-resort-not-said", language=language)
            return _spoken(_SHIPPED, language, voices, services.site, cause)

    def _profiles(self) -> list[str]:
        """Give the Twilio profiles in the order in which they are tried: those that call people first."""
        profiles = self._station.services.profiles
        return list(dict.fromkeys([*(one.twilio.name for one in profiles.voice.values()), *profiles.twilio]))

    async def _note(self, number: str, account: str, profile: str, tried: Attempt, why: str) -> None:
        """Put it on record, if there is anything to put it on."""
        now_ms = self._station.now_ms
        data: dict[str, Any] = {
            "number": masked(number), "mark": _mark(number), "profile": profile, "sid": tried.sid, "why": why
        }  # fmt: skip

        def work(conn: Connection) -> None:
            record(conn, kind=_RUNG, at_ms=now_ms, subject=tried.sid or "", data=data)
            statistics.counted_in(
                conn, "call", account=account, sid=tried.sid, direction="outbound", number=number
            )

        db = self._station.services.db
        if not db.health.ok:
            return  # it would only wait; the log has it
        try:
            await db.write(work)
        except NotStored as error:
            log.error("last-resort-not-recorded", why=str(error))


def _still(one: Episode, now_ms: int) -> bool:
    return one.is_open and not one.taken_over and not one.suppressed_or_shelved(now_ms)


def _about(episodes: Sequence[Episode], now_ms: int, called: Callable[[Episode], str]) -> Cause:
    """Give what is said of alarms that nobody was told of; `called` gives words for a name, or ""."""
    worst = min(episodes, key=lambda one: one.rank())
    own = called(worst)

    def said(phrases: Phrasebook, language: str) -> str:
        words = phrases.alarm(language, worst, now_ms, called=own)
        name, priority = words["name"][:_LONGEST_NAME], words["priority"]
        return phrases.phrase(
            language, "last-resort-nobody", count=len(episodes), name=name, priority=priority
        )

    return said


def _spoken(phrases: Phrasebook, language: str, voices: Mapping[str, str], site: str, cause: Cause) -> str:
    manner = phrases.manner(language, voices)
    said = [
        phrases.phrase(language, "calling", site=site),
        cause(phrases, language),
        phrases.phrase(language, "last-resort-now"),
    ]
    return document(said, language=manner["language"], voice=manner["voice"])


def _mark(number: str) -> str:
    """Give what tells a number from others without showing it."""
    return hashlib.sha256(number.encode()).hexdigest()[:16]
