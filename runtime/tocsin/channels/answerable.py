"""The text that tells a person of alarms, with the codes by which it can be answered.

Which codes there are is kept in the transaction in which the text is decided on. Where no answer can come
back there are none, and the text says what to do instead.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tocsin.alarms import store as alarm_store
from tocsin.alarms.flood import area_of
from tocsin.calls.given import name_of
from tocsin.calls.replying.codes import Naming, keep_in, naming_in
from tocsin.channels.compose import DIGEST_FROM, MOST_CODES, Alarm, Hints, composed
from tocsin.channels.digest import headline
from tocsin.telephony.countries import can_answer_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from tocsin.alarms import Episode
    from tocsin.alarms.flood import Flood
    from tocsin.calls.services import Services
    from tocsin.telephony.profiles import MessageProfile

_NO_CODES: Final = Naming((), "")
_LANGUAGE: Final = "en-US"


def body_in(
    conn: Connection,
    services: Services,
    profile: MessageProfile,
    *,
    person: str,
    number: str,
    episode_ids: Iterable[str],
    now_ms: int,
) -> str:
    """Write the text about these episodes to a person's telephone, and keep the codes it shows."""
    found = alarm_store.by_ids(conn, episode_ids).values()
    episodes = sorted(found, key=lambda one: (one.acked, one.rank()))
    # What somebody has taken over is only told; there is nothing to answer to it.
    waiting = [one for one in episodes if not one.acked]
    answerable = bool(waiting) and profile.twilio.webhook_base is not None and can_answer_texts(number)
    naming = naming_in(conn, number, waiting[:MOST_CODES], now_ms) if answerable else _NO_CODES
    if len(episodes) < DIGEST_FROM:
        naming = replace(naming, all_code="")
    codes = (*naming.codes, *[""] * len(episodes))
    pin = any(profile.section.pin_for(one.priority) != "none" for one in episodes)
    user = services.directory.users.get(person)
    language = (user.language if user is not None else None) or _LANGUAGE
    hidden = services.phrases.phrase(language, "text-hidden")
    written = composed(
        headline(services.site, _floods(services, profile, episodes)),
        [
            told(services, profile, one, code, hidden, _standing(services, language, one), language=language)
            for one, code in zip(episodes, codes, strict=False)
        ],
        all_code=naming.all_code,
        instead="" if answerable or not waiting else _instead(services, profile, language),
        hints=hints_of(services, language, codes[0], naming.all_code, pin=pin),
    )
    if answerable:
        named = [one for one in episodes[: written.named] if not one.acked]
        keep_in(conn, number, naming, named, person=person, profile=profile.name, now_ms=now_ms)
    return written.text


def _standing(services: Services, language: str, one: Episode) -> str:
    """Say that an alarm is over, or who has taken it over; "" while it waits for somebody."""
    if one.state == "cleared":
        return services.phrases.phrase(language, "text-over")
    if one.acked and one.acked_by is not None:
        return services.phrases.phrase(language, "text-taken", by=name_of(services, one.acked_by))
    return ""


def told(
    services: Services,
    profile: MessageProfile,
    one: Episode,
    code: str,
    hidden: str,
    standing: str = "",
    *,
    language: str = _LANGUAGE,
) -> Alarm:
    """Give an episode as a text tells it; `hidden` stands for a name that is only for who has shown a PIN.

    `standing` is told instead of the value where the alarm is over or taken over.
    """
    local = datetime.fromtimestamp(one.active_ms / 1000, UTC).astimezone(services.timezone)
    if profile.section.pin_for(one.priority) == "to-hear":
        return Alarm(one.priority, hidden, f"{local:%H:%M}", code=code)
    value = standing or ("" if one.value is None else str(one.value))
    name = services.texted_as(one) or services.phrases.name(language, one)
    return Alarm(one.priority, name, f"{local:%H:%M}", value, code)


def _floods(services: Services, profile: MessageProfile, episodes: Iterable[Episode]) -> Sequence[Flood]:
    """Give the floods in the areas of these episodes, of which the text may say where they are."""
    shown = (one for one in episodes if profile.section.pin_for(one.priority) != "to-hear")
    return services.floods(area_of(one.path) for one in shown)


def hints_of(services: Services, language: str, code: str, all_code: str, *, pin: bool) -> Hints:
    """Say in a person's language how to answer a text whose first alarm has this code."""
    also = "-pin" if pin else ""

    def say(key: str, **values: str) -> str:
        return services.phrases.phrase(language, f"text-hint-{key}{also}", **values)

    return Hints(say("one", code=code), say("few"), say("digest", code=all_code) if all_code else "")


def _instead(services: Services, profile: MessageProfile, language: str) -> str:
    """Say where to call to acknowledge, if somebody answers there."""
    twilio = profile.twilio
    if twilio.webhook_base is None or services.profiles.inbound(twilio.name) is None:
        return ""
    return services.phrases.phrase(language, "text-hint-call", number=twilio.phone_number)
