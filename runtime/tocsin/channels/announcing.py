"""What is said where no webhook can come in: the alarms, inline with the request for the call.

Announced only: no key can be taken, so nobody can acknowledge. Pure but for reading the episodes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from tocsin.alarms import store as alarm_store
from tocsin.alarms.flood import area_of
from tocsin.channels.digest import areas
from tocsin.telephony.builders import VoiceResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import tzinfo

    from sqlalchemy import Connection

    from tocsin.alarms import Episode
    from tocsin.calls.call import Call
    from tocsin.calls.services import Line, Services

MOST_SPOKEN: Final = 5
"""So many alarms are named in one call; the others are counted."""

INLINE_TWIML: Final = 4000
"""Characters of a document given with the request for a call
(https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource)."""

_LONGEST_NAME: Final = 200


def spoken_of(episodes: Collection[Episode]) -> list[Episode]:
    """Give the episodes that are named: the most urgent, then the oldest."""
    return sorted(episodes, key=lambda one: one.rank())[:MOST_SPOKEN]


def announcement(
    conn: Connection, episode_ids: Sequence[str], services: Services, call: Call, line: Line
) -> str:
    """Give the TwiML that announces these episodes in the language of a call."""
    episodes = list(alarm_store.by_ids(conn, episode_ids).values())
    floods = services.floods(area_of(one.path) for one in episodes)
    said = sentences(
        episodes,
        say=partial(services.phrases.phrase, call.language),
        called=lambda one: services.said_as(one) or services.phrases.name(call.language, one),
        site=services.site,
        timezone=services.timezone,
        flood=areas(floods) if floods else "",
    )
    manner = services.phrases.manner(call.language, line.voices)
    return document(said, language=manner["language"], voice=manner["voice"])


def sentences(
    episodes: Collection[Episode],
    *,
    say: Callable[..., str],
    called: Callable[[Episode], str],
    site: str,
    timezone: tzinfo,
    flood: str = "",
) -> list[str]:
    """Give what is said about these episodes.

    `say` says a phrase, `called` gives what an alarm is called, `flood` names the areas in a flood.
    """
    named = spoken_of(episodes)
    count = len(episodes)
    said = [say("calling", site=site)]
    if flood:
        said.append(say("flood-in", areas=flood))
    said.append(say("announced", count=count))
    for one in named:
        at = datetime.fromtimestamp(one.active_ms / 1000, UTC).astimezone(timezone)
        name = called(one)[:_LONGEST_NAME]
        priority = say(f"priority-{one.priority.lower()}")
        said.append(say("announced-alarm", priority=priority, name=name, at=at))
    if count > len(named):
        said.append(say("announced-more", count=count - len(named)))
    return said


def document(said: Sequence[str], *, language: str = "en-US", voice: str = "") -> str:
    """Give a document that says all of it, twice if that is not too long for an inline one."""
    response, once = VoiceResponse(), ""
    for seconds in (1, 2):
        response.pause(length=seconds)
        response.say(" ".join(said), voice=voice or None, language=language)
        once = once or str(response)
    twice = str(response)
    return twice if len(twice) <= INLINE_TWIML else once
