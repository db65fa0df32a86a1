"""What a rule adds to an event: priority, label, pipeline and the rest that the event leaves out. Pure.

An event is never refused here. A word nobody knows is replaced, and the replacement is told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tocsin.alarms.bounds import joined
from tocsin.alarms.episode import PRIORITIES, AlarmEvent, Episode, Priority
from tocsin.alarms.lifecycle import Active
from tocsin.alarms.naming import name_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tocsin.alarms.sections import AlarmSection

DEFAULT_PRIORITY: Final[Priority] = "Medium"
UNKNOWN_PRIORITY: Final[Priority] = "High"  # somebody meant something by it: rather too loud than too quiet

OWN: Final = "System/Gateway/"
"""How the paths of the gateway's own alarms begin; a source may report others there, as it names itself."""

_BY_WORD: Final = {priority.casefold(): priority for priority in PRIORITIES}
_BY_NUMBER: Final = {str(number): priority for number, priority in enumerate(PRIORITIES)}


@dataclass(frozen=True, slots=True)
class Rules:
    """The alarm rules in force, and the pipelines there are (None: not known, so any is taken)."""

    alarms: Mapping[str, AlarmSection]
    pipelines: Collection[str] | None = None
    ackers_needed: Mapping[str, int] = field(default_factory=dict)
    """By pipeline: how many people have to acknowledge, where that is more than one."""

    own_pipeline: str | None = None
    """The pipeline of the gateway's own alarms that name none; None: nobody is told of them alone."""

    def rule(self, path: str, name: str) -> AlarmSection | None:
        """Find the rule of an alarm by its path, or by its path and name together."""
        return self.alarms.get(path) or self.alarms.get(f"{path}/{name}")


def raised(
    event: AlarmEvent, rules: Rules, *, episode_id: str, now_ms: int
) -> tuple[Active, tuple[str, ...]]:
    """Give what an active event means under the rules, and warnings about words that were not known."""
    rule = rules.rule(event.path, event.name or name_of(event.path))
    warnings: list[str] = []
    given = _priority(event.priority, rule, warnings)
    name = event.name or (rule.name if rule and rule.name else name_of(event.path))
    pipeline = _pipeline(event.pipeline, rule, rules, warnings)
    if pipeline is None and not event.source and event.path.startswith(OWN):
        pipeline = rules.own_pipeline
    fresh = Episode(
        id=episode_id,
        path=event.path,
        name=name,
        priority=given or (rule.priority if rule else DEFAULT_PRIORITY),
        active_ms=now_ms,
        display_path=(rule.display_path if rule else "") or event.path,
        label=event.label or (rule.label if rule else ""),
        notes=rule.notes if rule else "",
        value=event.value,
        data=joined(rule.data if rule else {}, event.data or {}),
        pipeline=pipeline,
        ackers_needed=rules.ackers_needed.get(pipeline or "", 1),
        ack_mode=rule.ack_mode if rule else "Manual",
        source=event.source,
    )
    active = Active(fresh, value=event.value, priority=given, label=event.label, data=event.data)
    return active, tuple(warnings)


def _priority(given: str | int | None, rule: AlarmSection | None, warnings: list[str]) -> Priority | None:
    if given is None:
        return None
    word = str(given).strip().casefold()
    known = _BY_WORD.get(word) or _BY_NUMBER.get(word)
    if known is not None:
        return known
    taken = rule.priority if rule else UNKNOWN_PRIORITY
    warnings.append(
        f"priority {given!r} is not known, {taken} was taken; write one of {', '.join(PRIORITIES)}"
    )
    return taken


def _pipeline(given: str | None, rule: AlarmSection | None, rules: Rules, warnings: list[str]) -> str | None:
    usual = rule.told_by if rule else None
    if given is None:
        return usual
    if rules.pipelines is not None and given not in rules.pipelines:
        warnings.append(f"there is no pipeline {given!r}; {usual or 'the built-in one'} was taken")
        return usual
    return given
