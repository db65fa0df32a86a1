"""Pure decisions about one call: which PIN policy holds, which alarms it may hear and acknowledge.

Values in, values out; the host functions act on what is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from tocsin.alarms import Episode, Telling

PinPolicy = Literal["none", "to-acknowledge", "to-hear"]
_STRICTNESS: tuple[PinPolicy, ...] = ("none", "to-acknowledge", "to-hear")


def pin_policy(pin: Mapping[str, str], priority: str) -> PinPolicy:
    """Return the policy for one alarm's priority; an unknown word counts as the stricter default."""
    found = pin.get(priority, pin.get("default", "to-acknowledge"))
    return found if found in _STRICTNESS else "to-acknowledge"


def strictest(pin: Mapping[str, str], priorities: Iterable[str]) -> PinPolicy:
    """Return the strictest policy among some priorities, or the default's where there are none."""
    found = [pin_policy(pin, priority) for priority in priorities] or [pin_policy(pin, "default")]
    return max(found, key=_STRICTNESS.index)


def audible(episodes: Iterable[Episode], pin: Mapping[str, str], *, identified: bool) -> list[Episode]:
    """Return the alarms a call may read out: nothing whose policy is "to-hear" before a PIN."""
    return [one for one in episodes if identified or pin_policy(pin, one.priority) != "to-hear"]


@dataclass(frozen=True, slots=True)
class Target:
    """Which alarms an acknowledgement is about, or why there are none.

    `changed` are those meant that are no longer as this caller heard them: nothing is done about them, and
    the caller has to hear how they are now.
    """

    episodes: tuple[Episode, ...]
    reason: Literal["ok", "nothing_open"]
    changed: tuple[str, ...] = ()


def target(
    episodes: Sequence[Episode],
    *,
    asked: Sequence[str] | None,
    heard: Mapping[str, Telling],
    uses_heard: bool,
) -> Target:
    """Choose the alarms to acknowledge: those asked for, else those heard, else all if `heard` is unused.

    Once a call's scripts tell what they read out, "all" never covers an alarm nobody heard: ISA-18.2 asks
    for an operator who recognised the condition.
    """
    if asked is not None:
        wanted: Collection[str] | None = asked
    else:
        wanted = heard if uses_heard else None
    meant = [episode for episode in episodes if wanted is None or episode.id in wanted]
    changed = {one.id for one in meant if one.id in heard and not heard[one.id].holds(one)}
    chosen = tuple(one for one in meant if one.id not in changed)
    return Target(chosen, "ok" if chosen else "nothing_open", tuple(sorted(changed)))
