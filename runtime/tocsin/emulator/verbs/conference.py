"""Dial of a Conference: wait for the others with music, talk with all of them, and go on.

Recording, coaching and whispering are not emulated; each is said in the timeline where it is asked for.
https://www.twilio.com/docs/voice/twiml/conference
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.emulator.conference import EVENTS, Conference, Member, Told
from tocsin.emulator.leg import Summoned
from tocsin.emulator.verbs import allowed, attributes, dialled, speak

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

    from tocsin.emulator.session import Session
    from tocsin.emulator.verbs.allowed import Allowed

_MOST = 250


def _told(session: Session, noun: Element) -> Told:
    url = noun.get("statusCallback")
    if not url:
        return Told()
    method = attributes.method(session, noun, "statusCallbackMethod", code=13221)
    named = frozenset((noun.get("statusCallbackEvent") or "").split())
    return Told(attributes.absolute(session, url), method, named & EVENTS)


def _member(session: Session, noun: Element) -> Member:
    return Member(
        session.leg,
        starts=attributes.flag(session, noun, "startConferenceOnEnter", default=True, code=13231),
        ends=attributes.flag(session, noun, "endConferenceOnExit", default=False, code=13232),
        muted=attributes.flag(session, noun, "muted", default=False, code=13230),
        label=noun.get("participantLabel", ""),
    )


async def music(
    session: Session, url: str | None, method: str, facts: Callable[[], dict[str, str]], kind: Allowed
) -> None:
    """Let the leg wait; raises what ends, moves or fetches it. Without a URL the music is Twilio's own."""
    if url:
        outcome = await session.hold(attributes.absolute(session, url), method, facts, kind)
        raise Left(outcome.verb)
    if url is None:
        await speak.sound(session, "(music on hold)", 1.0, lambda _: False)
    while True:
        await session.leg.listen(None)


class Left(Exception):  # noqa: N818  # control flow of a call, not an error
    """The document heard while waiting ended the waiting: by "leave" or "hangup"."""

    def __init__(self, verb: str) -> None:
        super().__init__(verb)
        self.verb = verb


async def _take_part(
    session: Session, noun: Element, room: Conference, member: Member, talk: dialled.Talk
) -> None:
    """Wait for the start, then talk; however it ends, the leg has left."""
    conferences, leg = session.exchange.conferences, session.leg
    method = attributes.method(session, noun, "waitMethod", code=13233)
    base = session.base
    conferences.enter(room, member)
    try:
        while not room.started and not room.meeting.closed.done():
            try:
                await music(
                    session, noun.get("waitUrl"), method, lambda: {"ConferenceSid": room.sid}, allowed.MUSIC
                )
            except Summoned:
                continue
        session.base = base
        if member.muted:
            room.meeting.muted.add(leg)
        room.meeting.join(leg)
        await room.meeting.stay(leg, seconds=talk.seconds, star=talk.star)
    finally:
        session.base = base
        conferences.leave(room, member)
        leg.unsummoned()


async def conference(session: Session, element: Element, noun: Element, result: dialled.Result) -> None:
    """Take part in the conference that the noun names; fills in `result` however it ends."""
    name = (noun.text or "").strip()
    if not name:
        session.warn(13233, "<Conference> has no name; nobody can be met there")
        return
    await session.answer()
    room = session.exchange.conferences.get(session.call.account_sid, name, _told(session, noun))
    most = attributes.integer(session, noun, "maxParticipants", _MOST, code=13234, low=2)
    if len(room.members) >= most:
        session.warn(13234, f"the conference {name} has {most} participants and takes no more")
        return
    result.status, result.more = "answered", {"ConferenceSid": room.sid}
    began = session.leg.clock.now()
    try:
        await _take_part(session, noun, room, _member(session, noun), dialled.talk(session, element))
    except (Summoned, Left):
        pass  # it ended, or the music told the leg to leave
    finally:
        result.bridged = room.started
        result.seconds = round(session.leg.clock.now() - began)
