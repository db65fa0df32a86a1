"""Who answers a phone: read from the JSON of `PUT /phones/{number}`, decided anew for every call.

Pure: a persona and a random number source give a plan for one call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

KINDS = ("manual", "auto", "busy", "no-answer", "failed", "machine", "fax", "statistical")
STEPS = ("hear", "press", "say", "wait", "hangup")
CHANCES = ("busy", "no-answer", "failed", "machine", "wrong-pin")
_KEYS = re.compile(r"[0-9*#A-D]+")
_GREETING = "You have reached the voice mail of this number. Please leave a message after the tone."


class BadPersona(ValueError):  # noqa: N818  # reads as a sentence at the place of use
    """A persona nobody can understand; `str()` is one sentence."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a scripted person does: hear a part of a sentence, press keys, say words, wait, hang up."""

    kind: str
    text: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        """Write the step as in its JSON, for failures."""
        value: Any = {"wait": self.seconds, "hangup": True}.get(self.kind, self.text)
        return f"{self.kind} {value!r}"


@dataclass(frozen=True, slots=True)
class Persona:
    """How one number answers its calls."""

    answer: str = "manual"
    after: tuple[float, float] = (2.0, 2.0)
    steps: tuple[Step, ...] = ()
    greeting: str = _GREETING
    reaction: float = 0.5
    """Seconds between what a scripted person hears and what the person does about it."""
    chances: dict[str, float] = field(default_factory=dict)
    replies: tuple[str, ...] = ()
    """Texts sent back, one for each SMS received."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens in one call: `kind` is one of KINDS but statistical."""

    kind: str
    after: float
    steps: tuple[Step, ...]
    greeting: str
    reaction: float


def _number(given: Any, name: str) -> float:
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not 0 <= given <= 86_400:
        raise BadPersona(f"{name} is a number of seconds from 0 to 86400, not {given!r}")
    return float(given)


def keys(given: Any) -> str:
    """Check a string of keys of the keypad; raises BadPersona."""
    if not isinstance(given, str) or not _KEYS.fullmatch(given):
        raise BadPersona(f"keys are of 0-9, *, # and A-D, not {given!r}")
    return given


def _step(given: Any) -> Step:
    if not isinstance(given, dict) or len(given) != 1 or next(iter(given)) not in STEPS:
        raise BadPersona(f"a step is an object with one of {', '.join(STEPS)}, not {given!r}")
    (kind, value) = next(iter(given.items()))
    if kind == "wait":
        return Step(kind, seconds=_number(value, "wait"))
    if kind == "hangup":
        return Step(kind)
    if kind == "press":
        return Step(kind, keys(value))
    if not isinstance(value, str) or not value.strip():
        raise BadPersona(f"{kind} takes a text, not {value!r}")
    return Step(kind, value)


def _after(given: Any) -> tuple[float, float]:
    if isinstance(given, list) and len(given) == 2:
        low, high = sorted(_number(one, "after") for one in given)
        return low, high
    return (_number(given, "after"),) * 2


def _chances(given: Any) -> dict[str, float]:
    if not isinstance(given, dict) or not set(given) <= set(CHANCES):
        raise BadPersona(f"chances is an object of {', '.join(CHANCES)}, each from 0 to 1")
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
            raise BadPersona(f"the chance of {name} is from 0 to 1, not {value!r}")
    return {name: float(value) for name, value in given.items()}


def _texts(given: Any, name: str) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(text, str) and text for text in given):
        raise BadPersona(f"{name} is a list of texts, not {given!r}")
    return tuple(given)


def read(given: Any) -> Persona:
    """Read a persona from JSON; raises BadPersona with what is wrong and what is allowed."""
    if not isinstance(given, dict):
        raise BadPersona('a phone is an object like {"answer": "auto", "steps": [{"hear": "PIN"}]}')
    allowed = {"answer", "after", "steps", "greeting", "reaction", "chances", "replies"}
    if unknown := set(given) - allowed:
        raise BadPersona(
            f"a phone has {', '.join(sorted(allowed))}, not {', '.join(sorted(map(str, unknown)))}"
        )
    answer = given.get("answer", "auto" if given.get("steps") else "manual")
    if answer not in KINDS:
        raise BadPersona(f"answer is one of {', '.join(KINDS)}, not {answer!r}")
    steps = given.get("steps", [])
    if not isinstance(steps, list):
        raise BadPersona(f"steps is a list, not {steps!r}")
    greeting = given.get("greeting", _GREETING)
    if not isinstance(greeting, str):
        raise BadPersona(f"greeting is a text, not {greeting!r}")
    return Persona(
        answer=answer,
        after=_after(given.get("after", 2.0)),
        steps=tuple(_step(one) for one in steps),
        greeting=greeting,
        reaction=_number(given.get("reaction", 0.5), "reaction"),
        chances=_chances(given.get("chances", {})),
        replies=_texts(given.get("replies", []), "replies"),
    )


def _mistyped(steps: tuple[Step, ...], source: random.Random) -> tuple[Step, ...]:
    """Make the first PIN pressed a wrong one, then do as told when asked again."""
    for index, step in enumerate(steps):
        if step.kind == "press" and len(step.text.rstrip("#")) >= 4:
            at = next((place for place, key in enumerate(step.text) if key.isdecimal()), None)
            if at is None:
                continue
            digit = str((int(step.text[at]) + source.randint(1, 9)) % 10)
            wrong = replace(step, text=step.text[:at] + digit + step.text[at + 1 :])
            return (*steps[:index], wrong, *steps[:index], *steps[index:])
    return steps


def plan(persona: Persona, source: random.Random) -> Plan:
    """Decide one call; a statistical persona draws from `source`, any other draws at most its delay."""
    low, high = persona.after
    # Tenths of a second keep calls of a load run in step with each other.
    after = low if low == high else round(source.uniform(low, high), 1)
    kind, steps = persona.answer, persona.steps
    if kind == "statistical":
        kind, drawn = "auto", source.random()
        for name in ("busy", "no-answer", "failed", "machine"):
            chance = persona.chances.get(name, 0.0)
            if drawn < chance:
                kind = name
                break
            drawn -= chance
        if source.random() < persona.chances.get("wrong-pin", 0.0):
            steps = _mistyped(steps, source)
    if kind not in ("auto", "manual"):
        steps = ()  # nobody is there to follow them
    return Plan(kind, after, steps, persona.greeting, persona.reaction)
