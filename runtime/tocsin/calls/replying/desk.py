"""What a telephone can answer about: the alarms it was told of, how they stand, and what else is open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tocsin.alarms import notices
from tocsin.alarms import store as alarm_store
from tocsin.calls.phrasebook import FALLBACK_LANGUAGE
from tocsin.calls.replying import asked, codes
from tocsin.calls.replying.answers import MOST_LISTED
from tocsin.calls.replying.deciding import Told

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from tocsin.alarms import Episode
    from tocsin.calls.replying.asked import Dialogue
    from tocsin.calls.replying.inbound import Inbound
    from tocsin.calls.services import Services
    from tocsin.people import User


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything an answer is read against: `told` by code, and what was asked last."""

    told: Mapping[str, Sequence[Told]]
    dialogue: Dialogue

    def open(self) -> list[Told]:
        """Give what this telephone was told of and nobody has acknowledged, most urgent first."""
        found = {one.episode.id: one for some in self.told.values() for one in some if one.state == "open"}
        return sorted(found.values(), key=lambda one: one.episode.rank())


def desk_in(conn: Connection, services: Services, number: str) -> Desk:
    """Read what a telephone was told of; an alarm is called by its own code, whichever it was named by."""
    bound = codes.bound_in(conn, number)
    own = {(one.episode_id, one.ack_version): code for code, (one, *more) in bound.items() if not more}
    episodes = alarm_store.by_ids(conn, {one.episode_id for some in bound.values() for one in some})
    told: dict[str, list[Told]] = {}
    for code, some in bound.items():
        for one in some:
            if (episode := episodes.get(one.episode_id)) is not None:
                called = own.get((one.episode_id, one.ack_version), code)
                made = _told(services, one.profile, called, episode, one.ack_version, one.person)
                told.setdefault(code, []).append(made)
    return Desk(told, asked.dialogue_in(conn, number))


def now_in(conn: Connection, targets: Iterable[Told]) -> list[Told]:
    """Read how these alarms stand now, in the transaction that is to change them."""
    wanted = list(targets)
    episodes = alarm_store.by_ids(conn, [one.episode.id for one in wanted])
    return [replace(one, episode=episodes.get(one.episode.id, one.episode)) for one in wanted]


def may_answer(services: Services, users: Collection[User]) -> list[Episode]:
    """Give every alarm that waits for an acknowledgement and that one of these people may give."""
    may = services.directory.may
    return [
        one for one in services.board.open() if not one.acked and any(may(user, one.path) for user in users)
    ]


def listing_in(
    conn: Connection, services: Services, text: Inbound, waiting: Sequence[Episode]
) -> tuple[list[Told], int]:
    """Give the most urgent of these alarms with codes for this telephone, and how many more there are.

    What is listed has been told: it can be acknowledged by `all`.
    """
    ranked = sorted(waiting, key=lambda one: one.rank())
    named, more = ranked[:MOST_LISTED], max(0, len(ranked) - MOST_LISTED)
    naming = replace(codes.naming_in(conn, text.number, named, text.at_ms), all_code="")
    known = {one.episode_id: one for some in codes.bound_in(conn, text.number).values() for one in some}
    person = text.person or ""
    codes.keep_in(conn, text.number, naming, named, person=person, profile=text.profile, now_ms=text.at_ms)
    told = []
    for code, one in zip(naming.codes, named, strict=True):
        profile = known[one.id].profile if one.id in known else text.profile
        told.append(_told(services, profile, code, one, one.ack_version, person))
    return told, more


def others_waiting_in(conn: Connection, episode_ids: Iterable[str], person: str) -> int:
    """Count the other people who are being told of these alarms, or are about to be."""
    return len({one.person for one in notices.of_episodes(conn, episode_ids)} - {person})


def _told(
    services: Services, profile: str, code: str, episode: Episode, ack_version: int, person: str
) -> Told:
    known = services.profiles.message.get(profile)
    policy = "to-acknowledge" if known is None else known.section.pin_for(episode.priority)
    user = services.directory.users.get(person)
    name = services.phrases.name((user.language if user else None) or FALLBACK_LANGUAGE, episode)
    return Told(code, episode, ack_version, person, profile, policy != "none", policy == "to-hear", name)
