"""Where the blocks of a pipeline lead: names that are none, circles, blocks nobody comes to. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.config import Fault, did_you_mean
from tocsin.pipelines.flow import END, MAIN, exits, uses

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from tocsin.pipelines.flow import Flow
    from tocsin.pipelines.section import PipelineSection


def names(flow: Flow) -> Iterator[Fault]:
    """Say which ids and names of branches stand for two things."""
    for of, blocks in flow.lists.items():
        first: dict[str, int] = {}
        for index, block in enumerate(blocks):
            if block.id is None:
                continue
            at = (*flow.path(of, index), "id")
            other = first.setdefault(block.id, index)
            if other != index:
                said = f'"{block.id}" is also the id of block {other + 1}; give one of them another'
                yield Fault(at, said)
            elif block.id == END:
                yield Fault(at, '"end" means the end of a list; name the block otherwise')
            elif flow.is_branch(block.id):
                yield Fault(at, f'"{block.id}" is also a branch; give one of them another name')
    if END in flow.lists:
        yield Fault(
            ("pipelines", flow.name, "branches", END), '"end" means the end of a list; name it otherwise'
        )


def jumps(flow: Flow, pipelines: Mapping[str, PipelineSection]) -> Iterator[Fault]:
    """Say which jumps lead nowhere."""
    for of, index, block in flow.blocks():
        if block.type != "jump":
            continue
        at = flow.path(of, index)
        if (block.to is None) == (block.pipeline is None):
            yield Fault(at, 'a jump leads to one place; write to = "…" or pipeline = "…"')
        elif block.pipeline == flow.name:
            yield Fault((*at, "pipeline"), "jumps to its own pipeline; name the block to go on at with to = ")
        elif block.pipeline is not None and block.pipeline not in pipelines:
            yield Fault((*at, "pipeline"), unknown("pipeline", block.pipeline, pipelines))
        elif block.to is not None and block.to == block.id:
            yield Fault((*at, "to"), "jumps to itself; name the block to go on at")
        elif block.to is not None and flow.place(of, block.to) is None:
            yield Fault((*at, "to"), _no_block(flow, of, block.to))


def _no_block(flow: Flow, of: str, to: str) -> str:
    if flow.is_branch(to):
        return f'"{to}" is a branch; a jump stays in its list, so use an expression or a switch block'
    ids = [block.id for block in flow.lists[of] if block.id]
    elsewhere = next((name for name in flow.lists if flow.place(name, to) is not None), None)
    if elsewhere is not None:
        where = f"branch {elsewhere}" if elsewhere else "the main list"
        return f'"{to}" stands in {where}; a jump stays in its own list of blocks'
    return unknown("block", to, ids)


def targets(flow: Flow) -> Iterator[Fault]:
    """Say which other words for where to go on lead nowhere, and which branches are none."""
    branches = [name for name in flow.lists if name != MAIN]
    for of, index, block in flow.blocks():
        at = flow.path(of, index)
        if block.type != "jump":
            for way in exits(block):
                if way.to is None or flow.is_branch(way.to) or flow.place(of, way.to) is not None:
                    continue
                ids = [one.id for one in flow.lists[of] if one.id]
                yield Fault((*at, *way.key), unknown("branch or block", way.to, [*branches, *ids, END]))
        seen: set[str] = set()
        for key, name in uses(block):
            if not flow.is_branch(name):
                yield Fault((*at, *key), unknown("branch", name, branches))
            elif name in seen:
                yield Fault((*at, *key), f'"{name}" stands here twice; name each branch once')
            seen.add(name)


def circles(flow: Flow) -> Iterator[Fault]:
    """Say which branches lead into themselves, and which blocks go round without ever waiting."""
    for branch, way in flow.circular.items():
        yield Fault(
            ("pipelines", flow.name, "branches", branch),
            f"leads into itself ({' → '.join(way)}); let it end, and go back with a jump or a retry block",
        )
    for of, blocks in flow.lists.items():
        said: set[int] = set()
        for index in range(len(blocks)):
            circle = _circle(flow, of, index)
            if circle and not said & set(circle):
                said.update(circle)
                shown = " → ".join(flow.shown(of, one) for one in [*circle, circle[0]])
                yield Fault(
                    flow.path(of, index),
                    f"goes round and round without ever waiting ({shown}); put a block of type "
                    '"delay" between, or go back with a jump, which counts',
                )


def _circle(flow: Flow, of: str, start: int) -> list[int]:
    """Give a way from a block back to itself on which nothing is waited for and nothing is counted, or []."""
    came: dict[int, int] = {}
    going = [start]
    while going:
        index = going.pop()
        if index >= len(flow.lists[of]):
            continue
        for place in flow.at_once_from(of, index, counted=False):
            if place == start:
                way = [index]
                while way[-1] != start:
                    way.append(came[way[-1]])
                return way[::-1]
            if place not in came:
                came[place] = index
                going.append(place)
    return []


def unreachable(flow: Flow) -> Iterator[Fault]:
    """Say which blocks and branches no run ever comes to."""
    reached, going = {MAIN}, [MAIN]
    while going:
        of = going.pop()
        blocks = flow.lists[of]
        for index in flow.reachable(of) - {len(blocks)}:
            fresh = [name for name in flow.branches_of(blocks[index]) if name not in reached]
            reached.update(fresh)
            going += fresh
    for of, blocks in flow.lists.items():
        if of not in reached:
            yield Fault(
                ("pipelines", flow.name, "branches", of),
                "no block leads into this branch; name it in one, or remove it",
                "warning",
            )
            continue
        first = next((index for index in range(len(blocks)) if index not in flow.reachable(of)), None)
        if first is not None:
            before = blocks[first - 1]
            why = "nothing comes behind a splitter" if before.type == "splitter" else "no block leads here"
            yield Fault(flow.path(of, first), f"is never reached: {why}; remove it, or lead to it", "warning")


def telling_nobody(flow: Flow) -> Iterator[Fault]:
    """Say on which ways through a pipeline nobody is told, so that the last resort is called."""
    if not flow.tells(MAIN):
        yield Fault(
            ("pipelines", flow.name),
            "tells nobody, so its alarms go to the last resort at once; add a block of type "
            '"notification" with a roster',
            "warning",
        )
        return
    for of, index, block in flow.blocks():
        at = flow.path(of, index)
        quiet = block.type == "parallel" and block.until == "any"  # such a branch may be there for its time
        for key, name in () if quiet else uses(block):
            if flow.is_branch(name) and not flow.tells(name):
                yield Fault(
                    (*at, *key),
                    f'branch "{name}" tells nobody; add a block of type "notification", or leave it out',
                    "warning",
                )
        if of == MAIN and not _told_before(flow, index):
            yield from _quiet_ways(flow, index)


def _told_before(flow: Flow, index: int) -> bool:
    """Whether the main list tells people before a block, on whatever way."""
    before = flow.lists[MAIN][:index]
    return any(
        block.type == "notification" or any(flow.tells(name) for name in flow.branches_of(block))
        for block in before
    )


def _quiet_ways(flow: Flow, index: int) -> Iterator[Fault]:
    for place, way in flow.successors(MAIN, index):
        if not way.key or way.counted:
            continue
        into = way.to is not None and flow.is_branch(way.to) and flow.tells(way.to or "")
        if not into and not flow.tells(MAIN, place):
            yield Fault(
                (*flow.path(MAIN, index), *way.key),
                "nobody is told on this way, so the last resort is called; lead to a block of type "
                '"notification"',
                "warning",
            )


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    """Say that there is no such thing, and what was meant or what there is."""
    there = ", ".join(sorted(known)) or "none"
    return f'there is no {kind} "{name}"{did_you_mean(name, known) or f"; defined are: {there}"}'
