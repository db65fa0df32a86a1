"""The channels in a simulation: what waits, what rings, and what becomes of each notice.

Whose turn it is on a line, and what a notice's fate is when its call is over, are decided by the channels'
own pure functions; here stand only the lists that they read, which a gateway keeps in its tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tocsin.channels import dispatch, settling
from tocsin.channels.contacts import ContactState, left_out_ms
from tocsin.channels.dispatch import Live, Waiting
from tocsin.channels.ends import NOBODY_THERE, REST_MS
from tocsin.channels.store import NOT_TOLD, RANG, TOLD
from tocsin.channels.throttle import REMEMBERED_MS, Past
from tocsin.pipelines.run import Telling
from tocsin.pipelines.simulating.endings import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tocsin.channels.dispatch import Held
    from tocsin.pipelines.run import Alarm, Notify
    from tocsin.pipelines.simulating.agenda import Agenda
    from tocsin.pipelines.simulating.endings import Ending, OutcomeModel
    from tocsin.pipelines.simulating.lines import Lines
    from tocsin.pipelines.world import Unusable

_RECEIPTS: Final = frozenset({"delivered", "undelivered", "no-receipt"})
_REMEMBERED_MS: Final = 24 * 3_600_000


@dataclass(slots=True)
class Notice:
    """One person to be told, as a gateway's table has it; times are ms UTC. `why` says what asked for it."""

    id: int
    run_id: str
    person: str
    channel: str
    profile: str
    number: str
    priority: int
    created_ms: int
    due_ms: int
    why: str = ""
    state: str = "queued"
    held: bool = False
    mark: str = ""
    leg: str = ""
    placed_ms: int | None = None
    heard_ms: int | None = None
    ended_ms: int | None = None
    outcome: str | None = None

    def telling(self) -> Telling:
        """Give what a run must know of it."""
        return Telling(
            self.id, self.person, self.channel, self.profile, self.number, self.state, self.due_ms,
            self.outcome,
        )  # fmt: skip


@dataclass(slots=True)
class Leg:
    """A call or a text under way, and how it will end."""

    id: str
    channel: str
    account: str
    person: str
    profile: str
    number: str
    started_ms: int
    ending: Ending
    why: str = ""
    over_ms: int | None = None
    outcome: str = ""
    carried: list[int] = field(default_factory=list)

    @property
    def answered_ms(self) -> int | None:
        """When it is answered, if it is."""
        after_ms = self.ending.answered_ms
        return None if after_ms is None else self.started_ms + after_ms


@dataclass(slots=True)
class _Bad:
    state: ContactState
    times: int


class Exchange:
    """Every notice and every call of one simulation. `event` is called with the id of a run that has news."""

    def __init__(
        self, agenda: Agenda, lines: Lines, outcomes: OutcomeModel, event: Callable[[str], None]
    ) -> None:
        self._agenda = agenda
        self._lines = lines
        self._outcomes = outcomes
        self._event = event
        self._bad: dict[tuple[str, str], _Bad] = {}
        self._tries: dict[tuple[str, str], int] = {}
        self._recent: list[Leg] = []
        self.notices: list[Notice] = []
        self.legs: dict[str, Leg] = {}
        self._open: list[Notice] = []

    # --- what a run knows ---------------------------------------------------------------------------------

    def tellings(self, run_id: str, now_ms: int) -> tuple[Telling, ...]:
        """Give the notices of a run, oldest first, as far as it remembers them."""
        return tuple(
            one.telling()
            for one in self.notices
            if one.run_id == run_id and (one.ended_ms is None or one.ended_ms > now_ms - _REMEMBERED_MS)
        )

    def unusable(self, now_ms: int) -> Unusable:
        """Give the numbers that are left out now."""
        return {
            way: one.state
            for way, one in self._bad.items()
            if one.state.until_ms is None or one.state.until_ms > now_ms
        }

    # --- what runs ask for --------------------------------------------------------------------------------

    def notify(self, run_id: str, wanted: Notify, priority: int, why: str, now_ms: int) -> None:
        """Queue a notice and wake the line it waits for."""
        notice = Notice(
            len(self.notices) + 1, run_id, wanted.person, wanted.channel, wanted.profile, wanted.number,
            priority, now_ms, wanted.due_ms, why,
        )  # fmt: skip
        self.notices.append(notice)
        self._open.append(notice)
        self._wake(wanted.channel, self._lines.account(wanted.channel, wanted.profile), now_ms)

    def withdraw(self, why: str, now_ms: int) -> None:
        """Take back what is queued, and end calls that ring for nothing."""
        self._take_back([*self._open], why, now_ms)

    def take_back(self, ids: Sequence[int], now_ms: int) -> None:
        """Take back what is on its way to people who have acknowledged, where others have to as well."""
        self._take_back([one for one in self._open if one.id in ids], "cancelled-by-ack", now_ms)

    def _take_back(self, some: Sequence[Notice], why: str, now_ms: int) -> None:
        self._settle([one for one in some if one.state == "queued"], why, now_ms)
        for one in some:
            if one.state == "placed":
                one.mark = one.mark or why
        for leg in list(self.legs.values()):
            answered_ms = leg.answered_ms
            rings = leg.channel == "voice" and (answered_ms is None or now_ms < answered_ms)
            if rings and all(self._of(number).mark for number in leg.carried):
                leg.outcome = why
                self._agenda.drop("deed", leg.id)
                self._agenda.put("end", leg.id, now_ms)

    def stop(self, run_id: str, now_ms: int) -> None:
        """Take back what a run has queued that was stopped; what is under way comes to its own end."""
        queued = [one for one in self._open if one.state == "queued" and one.run_id == run_id]
        self._settle(queued, "cancelled-by-clear", now_ms)

    # --- the lines ----------------------------------------------------------------------------------------

    def _wake(self, channel: str, account: str, at_ms: int) -> None:
        self._agenda.put("voice" if channel == "voice" else "sms", account, at_ms)

    def _wake_all(self, channel: str, now_ms: int) -> None:
        for account in {
            self._lines.account(channel, one.profile) for one in self._open if one.channel == channel
        }:
            self._wake(channel, account, now_ms)

    def turn(self, channel: str, account: str, now_ms: int) -> tuple[Leg | None, list[Held]]:
        """Give an account its turn: a call or text that is placed now, if any, and who is held back."""
        budget = self._lines.budget(channel, account)
        decision = dispatch.decide(
            self._waiting(channel, account, now_ms),
            account=account,
            budget=budget,
            now_ms=now_ms,
            live=self._live() if channel == "voice" else (),
            history=self._history(channel, account, now_ms),
            limit=self._lines.limit(channel),
            last_ms=max((one.started_ms for one in self._used(channel, account)), default=None),
        )
        look_ms = decision.look_ms
        held = [one for one in decision.held if one.waiting.unsaid]
        for notice in self._open:
            way = (notice.person, notice.profile, notice.number)
            if notice.state == "queued" and notice.channel == channel and notice.due_ms <= now_ms:
                mine = any(
                    way == (one.waiting.person, one.waiting.profile, one.waiting.number) for one in held
                )
                notice.held = notice.held or mine
        placed = None if decision.next is None else self._place(decision.next, channel, account, now_ms)
        if placed is not None or look_ms is not None:
            due_ms = max(now_ms, look_ms or now_ms)
            self._wake(channel, account, due_ms)
        return placed, held

    def _waiting(self, channel: str, account: str, now_ms: int) -> list[Waiting]:
        by_way: dict[tuple[str, str, str], list[Notice]] = {}
        for one in self._open:
            mine = one.channel == channel and one.state == "queued"
            if mine and self._lines.account(channel, one.profile) == account:
                by_way.setdefault((one.person, one.profile, one.number), []).append(one)
        found = []
        for (person, profile, number), some in by_way.items():
            due = [one for one in some if one.due_ms <= now_ms]
            found.append(
                Waiting(
                    person, profile, number, min(one.due_ms for one in some),
                    max((one.priority for one in due), default=None),
                    min((one.created_ms for one in due), default=None),
                    unsaid=any(not one.held for one in due),
                )
            )  # fmt: skip
        return found

    def _live(self) -> list[Live]:
        return [
            Live(one.person, one.number, one.account) for one in self.legs.values() if one.channel == "voice"
        ]

    def _used(self, channel: str, account: str) -> list[Leg]:
        legs = [*self._recent, *self.legs.values()]
        return [one for one in legs if one.channel == channel and one.account == account]

    def _history(self, channel: str, account: str, now_ms: int) -> list[Past]:
        """Give what people were told over a channel lately, as `channels.store` reads it."""
        self._recent = [one for one in self._recent if (one.over_ms or 0) > now_ms - REMEMBERED_MS]
        found = []
        for leg in [*self._recent, *self.legs.values()]:
            if leg.channel != channel or (channel == "sms" and leg.account != account):
                continue
            priority = max((self._of(number).priority for number in leg.carried), default=0)
            if channel == "sms":
                lost = leg.over_ms is not None and leg.outcome in NOT_TOLD
                found.append(Past(leg.person, leg.number, leg.started_ms, priority, not lost))
            elif leg.over_ms is not None and leg.carried:
                if leg.outcome in TOLD:
                    found.append(Past(leg.person, leg.number, leg.over_ms, priority))
                elif leg.outcome in RANG:
                    found.append(Past(leg.person, leg.number, leg.started_ms, priority, told=False))
        return found

    def _place(self, chosen: Waiting, channel: str, account: str, now_ms: int) -> Leg:
        tried = self._tries[chosen.person, channel] = self._tries.get((chosen.person, channel), 0) + 1
        attempt = Attempt(chosen.person, channel, chosen.profile, chosen.number, now_ms, tried)
        ending = self._outcomes(attempt)
        leg = Leg(
            f"{chosen.person} {channel} {tried}", channel, account, chosen.person, chosen.profile,
            chosen.number, now_ms, ending, outcome=ending.outcome,
        )  # fmt: skip
        # One call carries all that waits for a person, whatever it was queued for.
        for one in self._open:
            if one.state == "queued" and one.person == chosen.person and one.channel == channel:
                one.state, one.leg, one.placed_ms = "placed", leg.id, now_ms
                leg.carried.append(one.id)
                leg.why = leg.why or one.why
        self.legs[leg.id] = leg
        self._agenda.put("end", leg.id, now_ms + ending.after_ms)
        if ending.deed_ms is not None:
            self._agenda.put("deed", leg.id, now_ms + ending.deed_ms)
        return leg

    # --- the end of a call or text ------------------------------------------------------------------------

    def end(self, leg: Leg, alarm: Alarm, now_ms: int) -> None:
        """Settle what a call or text carried; its runs hear of it."""
        del self.legs[leg.id]
        leg.over_ms = now_ms
        self._recent.append(leg)
        self._agenda.drop("deed", leg.id)
        if leg.channel == "sms":
            self._text_ended(leg, now_ms)
        else:
            self._call_ended(leg, alarm, now_ms)

    def _text_ended(self, leg: Leg, now_ms: int) -> None:
        mine = [self._of(number) for number in leg.carried]
        if leg.outcome in _RECEIPTS:
            if leg.outcome == "delivered":
                self._good("sms", leg.number)
            lost = leg.outcome in NOT_TOLD
            carried = _carried(mine)
            fates = settling.fates_of_text(carried, leg.outcome, number=leg.number, lost=lost)
            self._carry_out(leg, fates, now_ms)
            if lost:
                self._wake_all("sms", now_ms)
            return
        if leg.outcome == "failed-number":
            self._mark_bad("sms", leg.number, now_ms, for_good=True)
        over = settling.Over(leg.outcome, told=False, number=leg.number, profile=leg.profile, started_ms=0)
        self._carry_out(leg, settling.fates(_carried(mine), over), now_ms)
        self._wake_all("sms", now_ms)

    def _call_ended(self, leg: Leg, alarm: Alarm, now_ms: int) -> None:
        for one in self._open:
            joins = one.state == "queued" and one.channel == "voice" and one.due_ms <= now_ms
            if joins and one.person == leg.person and one.number == leg.number:
                one.state, one.leg, one.placed_ms = "placed", leg.id, now_ms
                leg.carried.append(one.id)
        if leg.outcome == "failed-number":
            self._mark_bad("voice", leg.number, now_ms)
        elif leg.outcome not in NOBODY_THERE and not leg.outcome.startswith("cancelled"):
            self._good("voice", leg.number)
        knows = leg.outcome in TOLD
        mine = [self._of(number) for number in leg.carried]
        if knows:
            for one in mine:
                one.heard_ms = leg.answered_ms
        over = settling.Over(leg.outcome, knows, leg.number, leg.profile, leg.started_ms, {leg.person})
        self._carry_out(leg, settling.fates(_carried(mine, alarm), over), now_ms)
        if knows:
            beside = [one for one in self._open if one.person == leg.person and one.channel == "voice"]
            self._settle([one for one in beside if one.state == "queued"], "notified-no-ack", now_ms)
        self._wake_all("voice", now_ms)

    def _carry_out(self, leg: Leg, fates: Iterable[settling.Fate], now_ms: int) -> None:
        for fate in fates:
            one = self._of(fate.id)
            if fate.outcome:
                self._settle([one], fate.outcome, now_ms)
            else:
                one.state, one.leg, one.placed_ms, one.mark = "queued", "", None, ""
                one.due_ms = now_ms + (REST_MS if fate.rest else 0)
                leg.carried.remove(one.id)

    def _settle(self, some: Iterable[Notice], outcome: str, now_ms: int) -> None:
        for one in list(some):
            if one.state != "done":
                one.state, one.outcome, one.ended_ms = "done", outcome, now_ms
                self._open.remove(one)
                self._event(one.run_id)

    def _of(self, number: int) -> Notice:
        return self.notices[number - 1]

    # --- numbers ------------------------------------------------------------------------------------------

    def _mark_bad(self, channel: str, number: str, now_ms: int, *, for_good: bool = False) -> None:
        before = self._bad.get((channel, number))
        times = 1 if before is None else before.times + 1
        lasting_ms = left_out_ms(times, for_good=for_good)
        since_ms = now_ms if before is None else before.state.since_ms
        state = ContactState("bad", "the call failed", since_ms, now_ms + lasting_ms)
        self._bad[channel, number] = _Bad(state, times)

    def _good(self, channel: str, number: str) -> None:
        self._bad.pop((channel, number), None)


def _carried(mine: Iterable[Notice], alarm: Alarm | None = None) -> list[settling.Carried]:
    """Give what a call or text carries and has no outcome yet."""
    return [
        settling.Carried(
            one.id, one.run_id, "", one.profile, one.number, one.heard_ms, one.mark,
            None if alarm is None else alarm.acked_ms, None if alarm is None else alarm.acked_by,
            () if alarm is None else alarm.ackers,
        )
        for one in mine
        if one.state != "done"
    ]  # fmt: skip
