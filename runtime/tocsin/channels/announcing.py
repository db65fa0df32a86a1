"""What is said where no webhook can come in: the alarms, inline with the request for the call.

Announced only: no key can be taken, so nobody can acknowledge. Pure but for reading the episodes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tocsin.alarms import store as alarm_store
from tocsin.alarms.flood import area_of
from tocsin.channels.digest import sentence
from tocsin.telephony.builders import VoiceResponse

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import tzinfo

    from sqlalchemy import Connection

    from tocsin.alarms import Episode
    from tocsin.calls.services import Services

MOST_SPOKEN: Final = 5
"""So many alarms are named in one call; the others are counted."""

INLINE_TWIML: Final = 4000
"""Characters of a document given with the request for a call
(https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource)."""

_LONGEST_NAME: Final = 200


def spoken_of(episodes: Collection[Episode]) -> list[Episode]:
    """Give the episodes that are named: the most urgent, then the oldest."""
    return sorted(episodes, key=lambda one: one.rank())[:MOST_SPOKEN]


def announcement(conn: Connection, episode_ids: Sequence[str], services: Services) -> str:
    """Give the TwiML that announces these episodes."""
    episodes = list(alarm_store.by_ids(conn, episode_ids).values())
    flood = sentence(services.floods(area_of(one.path) for one in episodes))
    return document(sentences(episodes, site=services.site, timezone=services.timezone, flood=flood))


def sentences(episodes: Collection[Episode], *, site: str, timezone: tzinfo, flood: str = "") -> list[str]:
    """Give what is said about these episodes; `flood` is a sentence of its own before them."""
    named = spoken_of(episodes)
    count = len(episodes)
    said = [f"This is the alarm system of {site}.", f"{count} alarms." if count != 1 else "One alarm."]
    if flood:
        said.insert(1, flood)
    for one in named:
        at = datetime.fromtimestamp(one.active_ms / 1000, UTC).astimezone(timezone)
        name = (one.label or one.name or one.path)[:_LONGEST_NAME]
        said.append(f"{one.priority}: {name}, active since {at:%H:%M}.")
    if count > len(named):
        said.append(f"And {count - len(named)} more.")
    return said


def document(said: Sequence[str]) -> str:
    """Give a document that says all of it, twice if that is not too long for an inline one."""
    response, once = VoiceResponse(), ""
    for seconds in (1, 2):
        response.pause(length=seconds)
        response.say(" ".join(said), language="en-US")
        once = once or str(response)
    twice = str(response)
    return twice if len(twice) <= INLINE_TWIML else once
