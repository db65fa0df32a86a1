"""A walk through one call: what may happen at each turn, and how a walk is chosen, played again and shortened.

A walk is a beginning and a list of steps, both plain values drawn from a seed. A step that is not possible
where the walk has come to is passed over, so that any part of a walk is a walk: that is how the shortest
conversation that breaks a promise is found.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.dialogue.leg import Broken, Leg
from tests.dialogue.promises import Promises
from tests.dialogue.stage import (
    CREW,
    INBOUND,
    JON,
    JONS_PIN,
    MARIA,
    MARIAS_PIN,
    NAMES,
    PROFILES,
    SCRIPTS,
    STRANGER,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.dialogue.stage import Stage

MOST_SILENT_TURNS = 40
"""A caller who only listens has heard everything, and was asked everything often enough, by then."""

MOST_STEPS = 30
KEYS = "1122334455667789900**##"
PIN_KEYS = (
    *[f"{MARIAS_PIN}#"] * 5,
    *[f"{JONS_PIN}#"] * 2,
    "70719283#",
    "1234#",
    f"1*{MARIAS_PIN}#",
    f"2*{JONS_PIN}#",
    f"12*{MARIAS_PIN}#",
    "1#",
    "2#",
    "*#",
)


@dataclass(frozen=True)
class Beginning:
    """Who is called or calls, and what the plant is like then."""

    outbound: bool
    person: str
    number: str
    profile: str
    own: str
    script: str
    alarms: tuple[tuple[str, bool], ...]

    @classmethod
    def drawn(cls, chance: random.Random) -> Beginning:
        """Draw one."""
        outbound = chance.random() < 0.75
        person, number = chance.choice([("maria", MARIA), ("maria", MARIA), ("jon", JON), ("maria", CREW)])
        count = chance.choice([0, 1, 1, 1, 2, 2, 3, 7])
        return cls(
            outbound,
            person,
            number if outbound else chance.choice([MARIA, MARIA, JON, CREW, STRANGER]),
            chance.choice(PROFILES),
            chance.choice(sorted(INBOUND)),
            chance.choice(["none of its own"] * 4 + list(SCRIPTS)),
            tuple((chance.choice(["Low", "High", "Critical"]), chance.random() < 0.2) for _ in range(count)),
        )


class Step(NamedTuple):
    """One thing that happens, by its name in DEEDS, and a number that settles what about it is open."""

    name: str
    at: int


class Walk:
    """One call on the stage, from its beginning to its end."""

    def __init__(self, stage: Stage, phrases: dict[str, dict[str, Any]], beginning: Beginning) -> None:
        stage.settle()
        self.stage = stage
        self.names: dict[str, str] = {}
        stage.save_script(beginning.script)
        for priority, outside in beginning.alarms:
            self.raise_alarm(priority, outside=outside)
        self.promises = Promises(stage, self.names, phrases)
        if beginning.outbound:
            call = stage.place(beginning.person, beginning.number, beginning.profile)
            own = stage.gateway.services.lines[beginning.profile].phone_number
            self.leg = Leg(stage, beginning.number, own, call.sid, "outbound-api", self.promises.answer)
            self.promises.call_id = call.id
        else:
            sid = f"CA{stage.clock.now_ms():032x}"
            self.leg = Leg(stage, beginning.number, beginning.own, sid, "inbound", self.promises.answer)
        profile = beginning.profile if beginning.outbound else INBOUND[beginning.own]
        self.leg.note(f"--- {profile}, {beginning.person}, script: {beginning.script}")
        self.leg.note(f"--- alarms: {dict(zip(self.names.values(), beginning.alarms, strict=False))}")

    def begin(self) -> None:
        """Let the first webhook come."""
        self.leg.begin(*(("answer", self.promises.call_id) if self.promises.call_id else ("inbound", "0")))

    def raise_alarm(self, priority: str, *, outside: bool = False) -> None:
        """Let one more alarm go active, while there are names for them."""
        name = next((one for one in NAMES if one not in self.names.values()), None)
        if name is not None:
            self.names[self.stage.raise_alarm(name, priority=priority, outside=outside)] = name

    @property
    def waits(self) -> str:
        """What waits for the person: "Gather", "Dial", "Record" or ""."""
        return "" if self.leg.waits is None else self.leg.waits.tag

    @property
    def takes_one(self) -> bool:
        """Whether the question takes one key."""
        return self.leg.waits is not None and self.leg.waits.get("numDigits") == "1"

    def take(self, step: Step) -> bool:
        """Do one step; False where it is not possible here."""
        deed = DEEDS[step.name]
        if not self.waits or not deed.when(self):
            return False
        deed.do(self, deed.choices[step.at % len(deed.choices)])
        return True

    def end(self, *, twice: bool) -> None:
        """Say nothing more; then the call is judged as a whole."""
        self.stage.recover()
        self.leg.note("--- from here on silence")
        for _ in range(MOST_SILENT_TURNS):
            if self.leg.over:
                break
            self.leg.stay_silent()
        else:
            self.leg.fail(f"after {MOST_SILENT_TURNS} silent turns the call still goes on")
        self.promises.end(self.leg, twice=twice)


# What happens, one function each; `choice` is one of the deed's choices.


def _press(walk: Walk, keys: str) -> None:
    walk.leg.press(keys)


def _enter(walk: Walk, keys: str) -> None:
    assert walk.leg.waits is not None
    if walk.leg.waits.get("action", "").rsplit("/", 2)[1] == "pin":
        walk.promises.typed.add(keys.strip("#").rsplit("*", maxsplit=1)[-1])
    else:  # a user number: nobody is asked for a PIN there
        keys = keys[-2:]
    walk.leg.press(keys)


def _the_other_side(walk: Walk, keys: str) -> None:
    joined = walk.leg.asked_to_accept(keys)
    walk.leg.dialled("completed" if joined else "no-answer")


def _another_alarm(walk: Walk, priority: str) -> None:
    walk.leg.note(f"another alarm, {priority}")
    walk.raise_alarm(priority)


def _goes(walk: Walk, choice: tuple[int, str]) -> None:
    at, what = choice
    episode = list(walk.names)[at % len(walk.names)]
    walk.leg.note(f"{walk.names[episode]} {what}")
    before = walk.stage.how_it_stands(episode)
    if what == "clears":
        walk.stage.clear(episode)
    elif what == "becomes critical":
        walk.names[walk.stage.worsen(episode)] = walk.names[episode]
    elif what == "is shelved by jon":
        walk.stage.shelve(episode)
    else:
        walk.stage.colleague_acknowledges(episode)
    if walk.stage.how_it_stands(episode) != before:
        walk.promises.changes(walk.leg, episode)
    walk.promises.elsewhere()


def _refuse(walk: Walk, passes: bool) -> None:
    walk.leg.note(f"the database refuses{'' if passes else ', and nobody can be passed on to'}")
    walk.stage.passes = passes
    walk.stage.refuse()


def _recover(walk: Walk, _: None) -> None:
    walk.leg.note("the database recovers")
    walk.stage.recover()


def _save(walk: Walk, choice: tuple[str, bool]) -> None:
    script, whole = choice
    walk.leg.note(f"saved: {script}{', and the configuration is read anew' if whole else ''}")
    walk.stage.save_script(script)
    if whole:
        walk.stage.reload()


@dataclass(frozen=True)
class Deed:
    """Something that may happen: how likely, when, with what left open."""

    weight: int
    when: Callable[[Walk], bool]
    choices: tuple[Any, ...]
    do: Callable[[Walk, Any], None]


def _asks(walk: Walk) -> bool:
    return walk.waits == "Gather"


def _stores(walk: Walk) -> bool:
    return not walk.stage.refuses


MACHINES = ("human", "unknown", "machine_end_beep", "machine_end_silence", "fax")

DEEDS: dict[str, Deed] = {
    "presses": Deed(16, lambda w: _asks(w) and w.takes_one, tuple(KEYS), _press),
    "enters": Deed(16, lambda w: _asks(w) and not w.takes_one, PIN_KEYS, _enter),
    "presses anything": Deed(1, _asks, ("12345", "#", "**9", "4711#12", "0", "99999999999#"), _press),
    "is silent": Deed(8, lambda _: True, (None,), lambda w, _: w.leg.stay_silent()),
    "hangs up": Deed(1, lambda _: True, (None,), lambda w, _: w.leg.hang_up()),
    "the dial ends": Deed(
        8, lambda w: w.waits == "Dial", ("completed", "busy", "failed"), lambda w, how: w.leg.dialled(how)
    ),
    "the other side answers": Deed(12, lambda w: w.waits == "Dial", ("1", "", "5", "#"), _the_other_side),
    "the webhook comes again": Deed(3, lambda _: True, (None,), lambda w, _: w.leg.repeat()),
    "machine detection": Deed(
        1,
        lambda w: not w.leg.machine and w.leg.direction != "inbound",
        MACHINES,
        lambda w, what: w.leg.machine_answers(what),
    ),
    "another alarm": Deed(2, _stores, ("High", "Critical"), _another_alarm),
    "an alarm goes": Deed(
        3,
        lambda w: _stores(w) and bool(w.names),
        tuple(
            (at, what)
            for at in range(3)
            for what in ("clears", "is acknowledged by jon", "is shelved by jon", "becomes critical")
        ),
        _goes,
    ),
    "the database refuses": Deed(2, _stores, (True, False), _refuse),
    "the database recovers": Deed(4, lambda w: w.stage.refuses, (None,), _recover),
    "scripts are saved": Deed(
        1, _stores, tuple((script, whole) for script in SCRIPTS for whole in (False, False, True)), _save
    ),
    "time goes by": Deed(1, lambda _: True, (3, 30, 120), lambda w, s: w.stage.passes_time(s)),
}


def drawn(seed: int) -> tuple[Beginning, list[Step]]:
    """Draw a walk; most of its steps will be possible where they come."""
    chance = random.Random(seed)
    beginning = Beginning.drawn(chance)
    names, weights = list(DEEDS), [deed.weight for deed in DEEDS.values()]
    wanted = chance.choices(names, weights, k=3 * MOST_STEPS)
    return beginning, [Step(name, chance.randrange(1000)) for name in wanted]


def play(
    stage: Stage, phrases: dict[str, dict[str, Any]], beginning: Beginning, steps: list[Step]
) -> tuple[Walk, list[Step]]:
    """Play a walk; return it with the steps that were possible. Raises Broken."""
    walk = Walk(stage, phrases, beginning)
    taken: list[Step] = []
    try:
        walk.begin()
        for step in steps:
            if walk.leg.over or len(taken) == MOST_STEPS:
                break
            taken.append(step)
            if not walk.take(step):
                taken.pop()
        walk.end(twice=len(taken) % 2 == 0)
    except Broken as broken:
        raise Broken(str(broken), taken) from None
    return walk, taken


def shortest(
    stage: Stage,
    phrases: dict[str, dict[str, Any]],
    beginning: Beginning,
    broken: Broken,
    *,
    tries: int = 200,
) -> Broken:
    """Leave out what a broken promise does not need, step by step, and return the shortest breach found."""
    steps = list(broken.args[1])
    plainer = [
        replace(beginning, script="none of its own"),
        *(replace(beginning, alarms=beginning.alarms[:count]) for count in (1, 2, 3)),
    ]
    for one in plainer:
        found = _breach(stage, phrases, one, steps)
        if found is not None:
            beginning, broken = one, found
    at = len(steps) - 1
    while at >= 0 and tries:
        tries -= 1
        fewer = steps[:at] + steps[at + 1 :]
        found = _breach(stage, phrases, beginning, fewer)
        if found is not None:
            broken, steps = found, fewer
        at -= 1
    return broken


def _breach(
    stage: Stage, phrases: dict[str, dict[str, Any]], beginning: Beginning, steps: list[Step]
) -> Broken | None:
    try:
        play(stage, phrases, beginning, steps)
    except Broken as broken:
        return broken
    return None
