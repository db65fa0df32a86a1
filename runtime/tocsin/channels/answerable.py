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
from tocsin.calls.replying.codes import Naming, keep_in, naming_in
from tocsin.channels.compose import DIGEST_FROM, MOST_CODES, Alarm, composed
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
HIDDEN: Final = "alarm"
"""What stands for the name of an alarm that may only be heard of after a PIN."""


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
    episodes = sorted(alarm_store.by_ids(conn, episode_ids).values(), key=lambda one: one.rank())
    answerable = profile.twilio.webhook_base is not None and can_answer_texts(number)
    naming = naming_in(conn, number, episodes[:MOST_CODES], now_ms) if answerable else _NO_CODES
    if len(episodes) < DIGEST_FROM:
        naming = replace(naming, all_code="")
    codes = (*naming.codes, *[""] * len(episodes))
    written = composed(
        headline(services.site, _floods(services, profile, episodes)),
        [told(services, profile, one, code) for one, code in zip(episodes, codes, strict=False)],
        all_code=naming.all_code,
        pin=any(profile.section.pin_for(one.priority) != "none" for one in episodes),
        instead="" if answerable else _instead(services, profile),
    )
    if answerable:
        named = episodes[: written.named]
        keep_in(conn, number, naming, named, person=person, profile=profile.name, now_ms=now_ms)
    return written.text


def told(services: Services, profile: MessageProfile, one: Episode, code: str) -> Alarm:
    """Give an episode as a text tells it: without a name where that is only for who has shown a PIN."""
    local = datetime.fromtimestamp(one.active_ms / 1000, UTC).astimezone(services.timezone)
    if profile.section.pin_for(one.priority) == "to-hear":
        return Alarm(one.priority, HIDDEN, f"{local:%H:%M}", code=code)
    value = "" if one.value is None else str(one.value)
    return Alarm(one.priority, one.label or one.name or one.path, f"{local:%H:%M}", value, code)


def _floods(services: Services, profile: MessageProfile, episodes: Iterable[Episode]) -> Sequence[Flood]:
    """Give the floods in the areas of these episodes, of which the text may say where they are."""
    shown = (one for one in episodes if profile.section.pin_for(one.priority) != "to-hear")
    return services.floods(area_of(one.path) for one in shown)


def _instead(services: Services, profile: MessageProfile) -> str:
    """Say where to call to acknowledge, if somebody answers there."""
    twilio = profile.twilio
    if twilio.webhook_base is None or services.profiles.inbound(twilio.name) is None:
        return ""
    return f"Call {twilio.phone_number} to ack"
