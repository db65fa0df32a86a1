"""What stands in the blocks of a pipeline: expressions, cases, rosters, profiles. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tocsin.alarms.episode import PRIORITIES
from tocsin.config import Fault, did_you_mean
from tocsin.pipelines.checking.ways import unknown
from tocsin.pipelines.expressions import problem
from tocsin.pipelines.facts import DAYS, NAMES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from tocsin.pipelines.block_sections import Block, NotificationBlock
    from tocsin.pipelines.flow import Flow, Path
    from tocsin.pipelines.section import PipelineSection


@dataclass(frozen=True, slots=True)
class Known:
    """What else a configuration names.

    `rosters` by name with how many people stand on them, None where that is worked out; `voice` and
    `messages` are profiles; `hooks` are pipelines that tell of clearing ("clearPipeline") or acknowledging,
    by name with the key that names them.
    """

    rosters: Mapping[str, int | None]
    voice: Collection[str]
    messages: Collection[str]
    hooks: Mapping[str, str] = field(default_factory=dict)


_VALUES: Final[Mapping[str, Collection[str]]] = {
    "priority": PRIORITIES,
    "day": DAYS,
    "state": ("active", "cleared"),
    "acknowledged": ("true", "false"),
}
"""The values there are of names whose values are known."""


def properties(name: str, pipelines: Mapping[str, PipelineSection]) -> set[str]:
    """Give the properties that blocks of a pipeline set, or of one that leads to it."""
    found: set[str] = set()
    waiting, seen = [name], {name}
    while waiting:
        here = waiting.pop()
        for block in _all(pipelines[here]):
            if block.type == "set-property":
                found.add(block.property)
            elif block.type == "script":
                found.update(block.sets)
        for other, section in pipelines.items():
            leads = any(block.type == "jump" and block.pipeline == here for block in _all(section))
            if leads and other not in seen:
                seen.add(other)
                waiting.append(other)
    return found


def _all(section: PipelineSection) -> list[Block]:
    return [block for blocks in (section.blocks, *section.branches.values()) for block in blocks]


def expressions(flow: Flow, set_here: Collection[str]) -> Iterator[Fault]:
    """Say which expressions cannot be worked out, and which properties hide a name."""
    names = {*NAMES, *set_here}
    for of, index, block in flow.blocks():
        at = flow.path(of, index)
        for key, text in _expressions(block):
            wrong = problem(text, names)
            if wrong:
                yield Fault((*at, key), wrong)
        own = [block.property] if block.type == "set-property" else []
        own += list(block.sets) if block.type == "script" else []
        for name in own:
            if name in NAMES or name in PRIORITIES:
                key = "property" if block.type == "set-property" else "sets"
                yield Fault((*at, key), f'"{name}" has a meaning already; give the property another name')


def _expressions(block: Block) -> list[tuple[str, str]]:
    if block.type == "switch":
        return [("on", block.on)]
    if block.type == "expression":
        return [("expression", block.expression)]
    if block.type == "set-property":
        return [("value", block.value)]
    if block.type == "retry" and block.until is not None:
        return [("until", block.until)]
    return []


def cases(flow: Flow) -> Iterator[Fault]:
    """Say which cases of a switch can never be."""
    for of, index, block in flow.blocks():
        known = _VALUES.get(block.on.strip()) if block.type == "switch" else None
        if block.type != "switch" or known is None:
            continue
        for value in block.cases:
            if value not in known:
                hint = did_you_mean(value, known) or f"; there are: {', '.join(known)}"
                yield Fault((*flow.path(of, index), "cases", value), f'{block.on} is never "{value}"{hint}')


def people(flow: Flow, known: Known) -> Iterator[Fault]:
    """Say which notification blocks name a roster or a profile that is none, or ask for too much."""
    profiles = {*known.voice, *known.messages}
    for of, index, block in flow.blocks():
        if block.type != "notification":
            continue
        at = flow.path(of, index)
        if block.roster not in known.rosters:
            yield Fault((*at, "roster"), unknown("roster", block.roster, known.rosters))
        for place, name in enumerate(block.profiles):
            if name not in profiles:
                yield Fault((*at, "profiles", place), unknown("voice or message profile", name, profiles))
        size = known.rosters.get(block.roster)
        if size is not None and block.must_acknowledge > max(size, 1):
            yield Fault(
                (*at, "must_acknowledge"),
                f"roster {block.roster} has {size} people, so {block.must_acknowledge} can never acknowledge",
            )
        if flow.name in known.hooks:
            yield from _only_messages(at, block, known.hooks[flow.name], known)


def _only_messages(at: Path, block: NotificationBlock, key: str, known: Known) -> Iterator[Fault]:
    if not block.profiles or any(name in known.voice for name in block.profiles):
        there = ", ".join(sorted(known.messages)) or "none"
        yield Fault(
            (*at, "profiles") if block.profiles else at,
            f"the pipeline is a {key}, which tells by message profiles only, as there is nothing left to "
            f"acknowledge; name them with profiles = […]; there are: {there}",
        )
