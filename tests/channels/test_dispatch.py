"""Whose turn it is: nobody twice, never more than the account may, the most urgent first, everybody in the end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tocsin.channels.dispatch import (
    AGEING_MS,
    GIVE_UP_MS,
    LONGEST_BACK_OFF_MS,
    Budget,
    Decision,
    Live,
    Tried,
    Trouble,
    Waiting,
    beside,
    decide,
    refusing_since,
    trouble_of,
)
from tocsin.channels.throttle import Past

NOW = 1_767_225_600_000


def waits(person, *, priority=2, since_ms=NOW, number=None, profile="phone", due_ms=NOW):
    return Waiting(person, profile, number or f"+4670{person}", due_ms, priority, since_ms)


def decided(*waiting, now_ms=NOW, budget=None, **facts):
    return decide(waiting, account="AC1", budget=budget or Budget(1, 2), now_ms=now_ms, **facts)


def test_the_most_urgent_is_next_and_among_equals_who_has_waited_longest():
    """Priority first, then age."""
    late, early, urgent = waits("a"), waits("b", since_ms=NOW - 1000), waits("c", priority=4)
    assert decided(late, early).next == early
    assert decided(late, early, urgent).next == urgent


def test_long_waiting_makes_urgent():
    """Low priorities are called in the end, however many urgent things keep coming."""
    low, critical = waits("a", priority=1, since_ms=NOW - 4 * AGEING_MS), waits("b", priority=4)
    assert decided(low, critical).next == low


def test_nobody_who_is_in_a_call_is_called_and_no_phone_that_is_in_use():
    """Neither the person by another number, nor another person by the same phone, over whatever account."""
    busy = Live("a", "+4670a", "AC2")
    shared = waits("b", number="+4670a")
    assert decided(waits("a", number="+46"), shared, live=[busy]).next is None
    assert decided(waits("a", number="+46"), waits("c"), live=[busy]).next == waits("c")


def test_all_lines_in_use_is_a_reason_to_wait():
    """Calls of the account count, those of another account do not."""
    lines = [Live("x", "+1", "AC1"), Live("y", "+2", "AC1")]
    found = decided(waits("a"), live=lines)
    assert (found.next, found.why) == (None, "all 2 lines are in use")
    assert decided(waits("a"), live=[lines[0], replace(lines[1], account="AC2")]).next == waits("a")


def test_the_rate_says_when_to_look_again():
    """At one call a second the next one goes exactly a second after the last."""
    found = decided(waits("a"), last_ms=NOW - 400)
    assert (found.next, found.look_ms) == (None, NOW + 600)
    assert decided(waits("a"), last_ms=NOW - 1000).next == waits("a")


def test_a_use_in_the_time_to_come_counts_for_nothing():
    """The clock was set back by an hour: nobody waits for it to come again."""
    assert decided(waits("a"), last_ms=NOW + 3_600_000).next == waits("a")
    assert trouble_of([Tried(NOW + 3_600_000, taken=False)], NOW) is None


def test_after_a_talk_a_person_is_left_alone_but_for_something_more_urgent():
    """A person who has just hung up is not called at once for more of the same."""
    talk = Past("a", "+4670a", NOW - 20_000, priority=3)
    found = decided(waits("a", priority=3), history=[talk])
    assert (found.next, found.look_ms) == (None, NOW + 40_000)
    assert [(one.waiting.person, one.until_ms) for one in found.held] == [("a", NOW + 40_000)]
    assert decided(waits("a", priority=4), history=[talk]).next == waits("a", priority=4)


def test_what_is_not_due_says_when_to_look():
    """A redial planned for later wakes the dispatcher then; nothing waiting wakes nobody."""
    later = Waiting("a", "phone", "+1", NOW + 45_000)
    found = decided(later)
    assert (found.next, found.look_ms, found.why) == (None, NOW + 45_000, "nothing is due")
    assert decided().look_ms is None


def test_an_account_that_takes_nothing_is_asked_less_and_less_often():
    """Half a second, one, two, four ... half a minute; one success ends it."""
    pauses = []
    tried: list[Tried] = []
    now_ms = NOW
    for _ in range(10):
        tried.insert(0, Tried(now_ms, taken=False))
        trouble = trouble_of(tried, now_ms)
        assert trouble is not None
        pauses.append(trouble.until_ms - now_ms)
        now_ms = trouble.until_ms
    assert pauses[:4] == [500, 1000, 2000, 4000]
    assert pauses[-1] == LONGEST_BACK_OFF_MS
    assert trouble_of([Tried(now_ms, taken=True), *tried], now_ms) is None


def test_people_do_not_wait_for_an_account_that_has_taken_nothing_for_long():
    """They go another way, while one of them at a time still tries."""
    trouble = trouble_of([Tried(NOW - 10_000 * n, taken=False) for n in range(7)], NOW)
    assert trouble is not None
    assert NOW - trouble.since_ms >= GIVE_UP_MS
    assert decided(waits("a"), waits("b"), trouble=trouble).give_up == (waits("a"), waits("b"))
    assert decided(waits("a"), trouble=trouble, now_ms=trouble.until_ms).next == waits("a")


def test_one_failure_long_ago_is_no_trouble_of_today():
    """Nobody gives up on an account because of a failure an hour apart from another."""
    trouble = trouble_of([Tried(NOW, taken=False), Tried(NOW - 3_600_000, taken=False)], NOW)
    assert trouble is not None
    assert trouble.since_ms == NOW


def test_an_account_takes_nothing_as_it_is_where_its_newest_attempts_were_refused_for_its_own_sake():
    """Two in a row, whatever says nothing of the account in between, until one is placed."""
    refused, refused_before = (Tried(NOW - ms, taken=True, placed=False) for ms in (0, 3_600_000))
    placed, silent = Tried(NOW - 60_000, taken=True, placed=True), Tried(NOW - 1000, taken=False)
    assert refusing_since([refused, silent, refused_before]) == refused_before.at_ms
    assert refusing_since([refused, placed, refused_before]) is None
    assert refusing_since([placed, refused, refused_before]) is None
    assert refusing_since([refused, silent]) is None


people = st.sampled_from("abcdef")


@st.composite
def situations(draw):
    waiting = [
        Waiting(
            person,
            draw(st.sampled_from(["phone", "backup"])),
            draw(st.sampled_from([f"+46{person}", "+46shared"])),
            NOW,
            draw(st.integers(0, 4)),
            NOW - draw(st.integers(0, AGEING_MS - 1)),
        )
        for person in draw(st.lists(people, max_size=6))
    ]
    live = [
        Live(person, f"+46{person}", draw(st.sampled_from(["AC1", "AC2"])))
        for person in draw(st.lists(people, max_size=3, unique=True))
    ]
    return waiting, live, draw(st.integers(1, 4))


@given(situations())
def test_whatever_waits_the_choice_is_allowed_and_nobody_who_may_go_is_more_urgent(situation):
    """Any people, calls and number of lines: the choice keeps the rules and is the most urgent one."""
    waiting, live, lines = situation
    found = decide(waiting, account="AC1", budget=Budget(1, lines), now_ms=NOW, live=live)
    in_use = sum(one.account == "AC1" for one in live)
    taken = {one.person for one in live} | {one.number for one in live}
    able = [one for one in waiting if one.person not in taken and one.number not in taken]
    if in_use >= lines or not able:
        assert found.next is None
        return
    assert found.next in able
    assert found.next.priority == max(one.priority for one in able)


@dataclass
class Line:
    person: str
    number: str
    ends_ms: int


@dataclass
class Plant:
    now_ms: int = NOW
    waiting: list[Waiting] = field(default_factory=list)
    live: list[Line] = field(default_factory=list)
    started: list[int] = field(default_factory=list)
    last_ms: int | None = None


class Calling(RuleBasedStateMachine):
    """People queue up and calls end at any time; the dispatcher is asked when it said so, or earlier."""

    LINES = 2
    TALK_MS = 40_000

    def __init__(self):
        super().__init__()
        self.plant = Plant()
        self.served: dict[str, int] = {}
        self.look_ms: int | None = NOW

    @rule(person=people, priority=st.integers(0, 4), shared=st.booleans(), in_ms=st.integers(0, 60_000))
    def somebody_is_to_be_called(self, person, priority, shared, in_ms):
        number = "+46shared" if shared else f"+46{person}"
        if any(one.person == person for one in self.plant.waiting):
            return
        due_ms = self.plant.now_ms + in_ms
        self.plant.waiting.append(Waiting(person, "phone", number, due_ms, priority, due_ms))

    @rule(ms=st.integers(0, 5_000))
    def time_passes(self, ms):
        self.plant.now_ms += ms
        self.plant.live = [one for one in self.plant.live if one.ends_ms > self.plant.now_ms]

    @precondition(lambda self: self.plant.live)
    @rule()
    def a_call_ends(self):
        self.plant.live.pop(0)

    @rule()
    def the_dispatcher_looks(self):
        plant = self.plant
        live = [Live(one.person, one.number, "AC1") for one in plant.live]
        seen = [
            one if one.due_ms <= plant.now_ms else replace(one, priority=None, since_ms=None)
            for one in plant.waiting
        ]
        found = decide(
            seen,
            account="AC1",
            budget=Budget(1, self.LINES),
            now_ms=plant.now_ms,
            live=live,
            last_ms=plant.last_ms,
        )
        self.look_ms = found.look_ms
        if found.next is None:
            return
        chosen = found.next
        assert chosen.due_ms <= plant.now_ms
        plant.waiting = [one for one in plant.waiting if one.person != chosen.person]
        plant.live.append(Line(chosen.person, chosen.number, plant.now_ms + self.TALK_MS))
        plant.started.append(plant.now_ms)
        plant.last_ms = plant.now_ms

    @invariant()
    def nobody_is_in_two_calls(self):
        assert len({one.person for one in self.plant.live}) == len(self.plant.live)
        assert len({one.number for one in self.plant.live}) == len(self.plant.live)

    @invariant()
    def the_budget_holds(self):
        assert len(self.plant.live) <= self.LINES
        started = self.plant.started
        assert all(later - earlier >= 1000 for earlier, later in pairwise(started))

    def teardown(self):
        """Asked only when it said it wanted to be, or when a call ends, everybody is called in the end."""
        plant = self.plant
        for _ in range(200):
            if not plant.waiting:
                break
            self.the_dispatcher_looks()
            moments = [one.ends_ms for one in plant.live] + ([self.look_ms] if self.look_ms else [])
            assert moments, "the dispatcher sleeps for ever while somebody waits"
            self.time_passes(max(1, min(moments) - plant.now_ms))
        assert plant.waiting == []


TestCalling = Calling.TestCase


def test_what_no_alarm_asks_for_waits_for_everything_that_does():
    """Behind whoever is next, behind an account's pause, for a free line beside the last one, for the number."""

    def why(decision=Decision(None, None, "nothing is waiting"), *, at_once=None, live=(), **more):  # noqa: B008
        budget = Budget(1.0, at_once)
        found = beside(
            decision, account="A", number="+46701234567", budget=budget, now_ms=10_000, live=live, **more
        )
        return None if found is None else (found.why, found.look_ms)

    calling = Live("jon", "+46707654321", "A")
    assert why() is None
    assert why(last_ms=9_000) is None
    assert why(Decision(Waiting("maria", "text", "+46701234567", 0), None, "")) == ("alarms go first", 11_000)
    assert why(trouble=Trouble(5_000, 12_000)) == ("Twilio takes nothing", 12_000)
    assert why(trouble=Trouble(5_000, 10_000)) is None
    assert why(last_ms=9_500) == ("1 per second is the account's rate", 10_500)
    assert why(at_once=1) is None
    assert why(at_once=1, live=[calling]) == ("all 1 lines are in use", 40_000)
    assert why(at_once=2, live=[calling]) == ("the last free line is kept for alarms", 40_000)
    assert why(at_once=3, live=[calling]) is None
    assert why(at_once=3, live=[Live("maria", "+46701234567", "B")]) == ("the number is in a call", 40_000)
