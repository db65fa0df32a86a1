"""Conferences: who is in which, when it starts and ends, and what its status callback is told.

Here is the bookkeeping; what `<Dial><Conference>` does with it is in `verbs.conference`.
https://www.twilio.com/docs/voice/twiml/conference
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tocsin.emulator.leg import Summoned
from tocsin.emulator.meeting import Meeting
from tocsin.emulator.parameters import rfc2822
from tocsin.emulator.webhook import Ask

if TYPE_CHECKING:
    from tocsin.emulator.callbacks import Callbacks
    from tocsin.emulator.leg import Leg
    from tocsin.emulator.world import World

EVENTS = frozenset({"start", "end", "join", "leave"})


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told of a conference, and of what; the first participant's word counts, as at Twilio."""

    url: str = ""
    method: str = "POST"
    events: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False)
class Member:
    """One leg in a conference and how it takes part."""

    leg: Leg
    starts: bool = True
    ends: bool = False
    muted: bool = False
    label: str = ""


@dataclass(slots=True, eq=False)
class Conference:
    """One conference of an account: it starts when two are there, one of whom may start it."""

    sid: str
    account_sid: str
    name: str
    told: Told
    meeting: Meeting = field(default_factory=Meeting)
    members: list[Member] = field(default_factory=list)
    started: bool = False
    sequence: int = 0


class Conferences:
    """Every conference of one emulator."""

    def __init__(self, world: World, callbacks: Callbacks) -> None:
        self._world = world
        self._callbacks = callbacks
        self._all: dict[tuple[str, str], Conference] = {}

    def get(self, account_sid: str, name: str, told: Told) -> Conference:
        """Give the conference of that name that is on, or begin one that `told` hears of."""
        found = self._all.get((account_sid, name))
        if found is None:
            sid = self._world.sids.new("CF")
            found = self._all[account_sid, name] = Conference(sid, account_sid, name, told)
        return found

    def enter(self, conference: Conference, member: Member) -> None:
        """Let a leg in; whoever waits for the start is fetched where this is it."""
        conference.members.append(member)
        self._tell(conference, "join", member)
        ready = len(conference.members) > 1 and any(one.starts for one in conference.members)
        if ready and not conference.started:
            conference.started = True
            self._tell(conference, "start", member)
            for one in conference.members:
                if one is not member:
                    one.leg.interrupt(Summoned())

    def leave(self, conference: Conference, member: Member) -> None:
        """Let a leg out; the conference ends with its last member, or with one who ends it for all."""
        if member not in conference.members:
            return
        conference.members.remove(member)
        conference.meeting.leave(member.leg)
        self._tell(conference, "leave", member)
        last = not conference.members
        if (last or member.ends) and self._all.get((conference.account_sid, conference.name)) is conference:
            del self._all[conference.account_sid, conference.name]
            self._tell(conference, "end", member, last=last)
            conference.meeting.close()
            for one in conference.members:
                one.leg.interrupt(Summoned())

    def _tell(self, conference: Conference, event: str, member: Member, *, last: bool = False) -> None:
        told, call = conference.told, member.leg.call
        member.leg.note("conference", f"{conference.name}: {event}")
        if not told.url or event not in told.events:
            return
        conference.sequence += 1
        params = {
            "ConferenceSid": conference.sid,
            "FriendlyName": conference.name,
            "AccountSid": conference.account_sid,
            "SequenceNumber": str(conference.sequence),
            "Timestamp": rfc2822(int(self._world.clock.now())),
            "StatusCallbackEvent": f"{'participant' if event in ('join', 'leave') else 'conference'}-{event}",
        }
        if event in ("join", "leave"):
            params |= {
                "CallSid": call.sid,
                "Muted": str(member.muted).lower(),
                "Hold": "false",
                "Coaching": "false",
                "StartConferenceOnEnter": str(member.starts).lower(),
                "EndConferenceOnExit": str(member.ends).lower(),
            }
            if member.label:
                params["ParticipantLabel"] = member.label
        elif event == "end":
            params["ReasonConferenceEnded"] = (
                "last-participant-left" if last else "participant-with-end-conference-on-exit-left"
            )
            params["CallSidEndingConference"] = call.sid
        ask = Ask(
            told.url, params, "conference", call.account_sid, call.sid, told.method, call.to, call.from_,
            call.requests,
        )  # fmt: skip
        self._callbacks.other(ask)
