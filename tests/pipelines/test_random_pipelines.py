"""Whatever blocks a pipeline is made of: a run ends, or waits for a moment with a reason, and it never guesses."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from tests.pipelines.tale import EVA, JON, MARIA, START, alarm, person

from tocsin.people import Directory, Roster
from tocsin.pipelines.advance import advance
from tocsin.pipelines.compiling import plan_of
from tocsin.pipelines.crosscheck import crosscheck
from tocsin.pipelines.outcomes import Outcomes
from tocsin.pipelines.plan import fingerprint, from_stored, to_stored
from tocsin.pipelines.run import (
    Answer,
    AskScript,
    Event,
    NobodyReached,
    Notify,
    Pass,
    Passed,
    Position,
    RunState,
    Spawn,
    Stop,
    Telling,
)
from tocsin.pipelines.section import EditableOutcome, PipelineSection
from tocsin.pipelines.turn import urgency
from tocsin.pipelines.world import Reach

MAIN = "main"
BRANCHES = ("a", "b", "c")  # one may lead into those after it, so that none leads into itself
SPANS = ("10s", "1m", "5m", "1h")
EXPRESSIONS = (
    "priority >= High", "hour < 6 or day in ('sat', 'sun')", "people_told > 0", "n < 3", "data['x'] == 1",
    "value > 90", "active_minutes > 10 and not acknowledged", "round % 2 == 0",
)  # fmt: skip


def spans():
    return st.sampled_from(SPANS)


def wheres(further):
    return st.sampled_from([*further, "end"])


@st.composite
def blocks(draw, further, ids):
    """One block of a list that may lead into the branches `further`."""
    plain = ["delay", "jump", "expression", "set-property", "script", "wait-for-outcome", "rate-gate"]
    leading = ["switch", "splitter", "splitter", "parallel", "parallel", "retry"] if further else []
    kind = draw(st.sampled_from(["notification"] * 6 + leading * 2 + plain))
    make = {
        "notification": lambda: {
            "roster": draw(st.sampled_from(["crew", "crew", "crew", "nobody"])),
            "step": draw(spans()),
            "profiles": draw(st.sampled_from([(), ("phone",), ("text",), ("phone", "text")])),
            "at_once": draw(st.booleans()),
            **draw(st.sampled_from([{}, {}, {"collect": "30s"}, {"frequency": "5m"}])),
        },
        "delay": lambda: {"for": draw(spans())},
        "jump": lambda: {"to": draw(st.sampled_from(ids)), "times": draw(st.integers(1, 3))},
        "expression": lambda: {
            "expression": draw(st.sampled_from(EXPRESSIONS)),
            "then": draw(wheres(further)),
        },
        "set-property": lambda: {"property": "n", "value": draw(st.sampled_from(["0", "n + 1", "1 / 0"]))},
        "script": lambda: {"script": "ask.py", "failed": draw(wheres(further))},
        "wait-for-outcome": lambda: {"for": draw(spans()), "people": draw(st.integers(1, 2))},
        "rate-gate": lambda: {
            "at_most": 1,
            "within": draw(spans()),
            **({"else": draw(wheres(further))} if draw(st.booleans()) else {}),
        },
        "switch": lambda: {"on": "priority", "cases": {"High": draw(wheres(further))}},
        "splitter": lambda: {"branches": draw(st.permutations(further))[:2]},
        "parallel": lambda: {
            "branches": draw(st.permutations(further))[:2],
            "until": draw(st.sampled_from(["all", "any"])),
        },
        "retry": lambda: {
            "branch": draw(st.sampled_from(further)),
            "times": draw(st.integers(1, 3)),
            **draw(st.sampled_from([{}, {"every": "1m"}, {"until": "people_told > 0"}])),
        },
    }[kind]
    return {"type": kind, **make()}


@st.composite
def lists(draw, further):
    """A list of blocks, each with an id, so that jumps find one."""
    count = draw(st.integers(1, 4))
    ids = [f"id{index}" for index in range(count)]
    made = [draw(blocks(further, ids)) for _ in range(count)]
    found = []
    for index, block in enumerate(made):
        itself = block["type"] == "jump" and block["to"] == ids[index]
        found.append(
            {"type": "delay", "for": "1m", "id": ids[index]} if itself else {**block, "id": ids[index]}
        )
    return found


@st.composite
def pipelines(draw):
    """A pipeline that passes its checks: names lead somewhere, and nothing goes round without waiting."""
    return PipelineSection.model_validate(
        {
            "blocks": draw(lists(BRANCHES)),
            "branches": {name: draw(lists(BRANCHES[place + 1 :])) for place, name in enumerate(BRANCHES)},
            "drop_out": draw(st.sampled_from([["acknowledged"], ["acknowledged", "cleared", "shelved"]])),
        }
    )


class Family:
    """All runs of one alarm, driven by hand: whatever is due is decided, whatever is asked for comes to pass."""

    def __init__(self, plan, draw):
        self.plan, self.draw, self.now = plan, draw, START
        self.alarm = alarm("High", value=93, data={"x": 1}, active_ms=START)
        maria, jon, eva = person("maria", MARIA), person("jon", JON), person("eva", EVA)
        directory = Directory((maria, jon, eva), [Roster("crew", (maria, jon)), Roster("nobody", ())])
        self.reach = Reach(directory, "Europe/Stockholm", ("phone",), ("text",), Outcomes())
        root = RunState(
            "e1.active", "e1", "", fingerprint(plan), START, due_ms=START, priority=urgency("High")
        )
        self.runs = {root.id: root}
        self.notices: dict[str, list[Telling]] = {root.id: []}
        self.passes: dict[str, list[Pass]] = {}
        self.asked: dict[str, AskScript] = {}
        self.decided = 0

    def running(self):
        return [run for run in self.runs.values() if run.state == "running"]

    def decide(self, run, **more):
        """Decide on one run, and hold what must always hold."""
        family = sorted(one for some in self.notices.values() for one in some)
        running = frozenset(one.id for one in self.running())
        event = Event(
            self.alarm, tuple(self.notices[run.id]), family=family, running=running,
            passes={gate: list(some) for gate, some in self.passes.items()}, scripts=True, **more,
        )  # fmt: skip
        decision = advance(run, self.plan, event, self.reach.at(self.now), self.now)
        again = advance(run, self.plan, event, self.reach.at(self.now), self.now)
        assert decision == again, "the same values give the same decision"
        self.decided += 1
        after = decision.run
        if after.state == "running":
            assert after.due_ms is not None
            assert after.due_ms > self.now, after.waiting
            assert after.waiting
        else:
            assert after.ended_why
            if after.parent is None:
                assert self.alarm.acknowledged or self.alarm.state == "cleared"
        if run.parent is not None:
            assert not any(isinstance(one, NobodyReached) for one in decision.effects)
        self._take(after, decision)
        return decision

    def _take(self, after, decision):
        self.runs[after.id] = after
        for effect in decision.effects:
            if isinstance(effect, Notify):
                number = sum(map(len, self.notices.values())) + 1
                self.notices[after.id].append(
                    Telling(
                        number, effect.person, effect.channel, effect.profile, effect.number, "queued",
                        effect.due_ms, None,
                    )
                )  # fmt: skip
            elif isinstance(effect, Passed):
                self.passes.setdefault(effect.gate, []).append(Pass(effect.at_ms, effect.urgency))
            elif isinstance(effect, AskScript):
                self.asked[after.id] = effect
            elif isinstance(effect, Spawn):
                assert effect.id not in self.runs, "no branch is begun twice"
                position = Position(
                    block=effect.block, told=list(effect.told), properties=dict(effect.properties)
                )
                self.runs[effect.id] = RunState(
                    effect.id, "e1", "", after.plan, self.now, position, due_ms=self.now, parent=after.id
                )
                self.notices[effect.id] = []
            elif isinstance(effect, Stop):
                for one in self.running():
                    if any(one.id == other or one.id.startswith(f"{other}.") for other in effect.ids):
                        self.runs[one.id] = replace(one, state="ended", due_ms=None, ended_why=effect.why)
        if after.state == "ended" and after.parent is not None:
            self.wake(after.parent)

    def wake(self, run_id):
        parent = self.runs[run_id]
        if parent.state == "running":
            self.decide(parent)

    def step(self):
        """Something happens: a call or text ends, a script answers, or time passes until somebody is due."""
        queued = [
            (owner, place) for owner, some in self.notices.items() for place, one in enumerate(some)
            if one.state != "done" and one.due_ms <= self.now
        ]  # fmt: skip
        happening = self.draw(st.integers(0, 3))
        if queued and happening == 0:
            owner, place = queued[self.draw(st.integers(0, len(queued) - 1))]
            outcome = self.draw(st.sampled_from(EditableOutcome.__args__))
            self.notices[owner][place] = self.notices[owner][place]._replace(state="done", outcome=outcome)
            for run in self.running():
                if self.runs[run.id].state == "running":
                    self.decide(self.runs[run.id])
        elif self.asked and happening == 1:
            run_id, _ = self.asked.popitem()
            values = self.draw(st.sampled_from([{"n": 1}, None, {"n": "x", "no name": []}]))
            if self.runs[run_id].state == "running":
                self.decide(self.runs[run_id], answer=Answer(values, "it failed"))
        else:
            self.now = max(self.now, min(run.due_ms for run in self.running()))
            for run in self.running():
                if self.runs[run.id].state == "running" and self.runs[run.id].due_ms <= self.now:
                    self.decide(self.runs[run.id])

    def is_acknowledged(self):
        self.alarm = self.alarm._replace(acked_ms=self.now, acked_by="maria", acked_via="voice")
        for run in self.running():
            if self.runs[run.id].state == "running":
                self.decide(self.runs[run.id])


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(pipelines(), st.data())
def test_every_run_ends_or_waits_for_a_moment_with_a_reason(section, data):
    """Random blocks, random outcomes: nothing stands still, nothing spins, and acknowledging ends it all."""
    faults = [one for one in crosscheck({MAIN: section}, {}) if one.severity == "error"]
    plan = plan_of(section, MAIN, {MAIN: section})
    assert from_stored(to_stored(plan)) == plan
    family = Family(plan, data.draw)
    for _ in range(30):
        if not family.running():
            break
        family.step()
    assert family.decided < 4000, "nothing spins"
    event("with branches" if len(family.runs) > 1 else "without branches")
    event("somebody is told" if any(family.notices.values()) else "nobody is told")
    if any("without ever waiting" in one.message for one in faults):
        return
    family.is_acknowledged()
    assert family.running() == []


def test_a_plan_is_known_by_what_it_holds():
    """The same blocks give the same hash, whatever they are read from; another block gives another."""
    made = [
        plan_of(PipelineSection.model_validate({"blocks": [{"type": "delay", "for": span}]}))
        for span in ("1m", "60s", "2m")
    ]
    assert fingerprint(made[0]) == fingerprint(made[1]) == fingerprint(from_stored(to_stored(made[0])))
    assert fingerprint(made[0]) != fingerprint(made[2])
