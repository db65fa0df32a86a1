"""How one pipeline's lists of blocks lead into each other, as a graph read from its sections. Pure.

For checks before anything runs. What may stand where is said in `block_sections`; what is wrong, in
`crosscheck` and the modules beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias

from tocsin.pipelines.block_sections import (
    ExpressionBlock,
    JumpBlock,
    ParallelBlock,
    RateGateBlock,
    RetryBlock,
    ScriptBlock,
    SplitterBlock,
    SwitchBlock,
    WaitForOutcomeBlock,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tocsin.pipelines.block_sections import Block
    from tocsin.pipelines.section import PipelineSection

MAIN: Final = ""
END: Final = "end"

Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Exit:
    """One way out of a block: the key that names it, and the branch, block id or "end" it leads to.

    `to` None is the next block. `counted`: it is taken so many times at most.
    """

    key: Path
    to: str | None
    counted: bool = False


def exits(block: Block) -> list[Exit]:
    """Give the ways on from a block within its list; what it does beside or before is in `uses`."""
    behind = Exit((), None)
    found = [behind]
    if isinstance(block, JumpBlock):
        found = [Exit(("to",), block.to, counted=True), behind] if block.to else [behind]
    elif isinstance(block, SplitterBlock):
        found = []
    elif isinstance(block, SwitchBlock):
        cases = [Exit(("cases", value), to) for value, to in block.cases.items()]
        found = [*cases, Exit(("default",), block.default)]
    elif isinstance(block, ExpressionBlock | WaitForOutcomeBlock):
        found = [Exit(("then",), block.then), Exit(("else",), block.else_)]
    elif isinstance(block, RateGateBlock):
        found = [behind, *([Exit(("else",), block.else_)] if block.else_ else [])]
    elif isinstance(block, ScriptBlock):
        found = [behind, Exit(("failed",), block.failed)]
    return found


def uses(block: Block) -> list[tuple[Path, str]]:
    """Give the branches that a block does side by side or repeats, with the keys that name them."""
    if isinstance(block, SplitterBlock | ParallelBlock):
        return [(("branches", place), name) for place, name in enumerate(block.branches)]
    return [(("branch",), block.branch)] if isinstance(block, RetryBlock) else []


class Flow:
    """One pipeline's lists of blocks, and what can be said of them."""

    def __init__(self, name: str, section: PipelineSection) -> None:
        self.name = name
        self.lists: Mapping[str, Sequence[Block]] = {MAIN: section.blocks, **section.branches}

    def path(self, of: str, index: int) -> Path:
        """Give the place of a block in the configuration."""
        return ("pipelines", self.name, *(("branches", of) if of else ("blocks",)), index)

    def blocks(self) -> Iterator[tuple[str, int, Block]]:
        """Give every block with its list and its place there, from 0."""
        for of, blocks in self.lists.items():
            for index, block in enumerate(blocks):
                yield of, index, block

    def shown(self, of: str, index: int) -> str:
        """Name a block."""
        return self.lists[of][index].id or f"block {index + 1}"

    def is_branch(self, to: str | None) -> bool:
        """Whether a word names a branch."""
        return to is not None and to != MAIN and to in self.lists

    def place(self, of: str, to: str) -> int | None:
        """Give the place that an id has in a list; the list's length for its end; None: there is none."""
        if to == END:
            return len(self.lists[of])
        return next((index for index, block in enumerate(self.lists[of]) if block.id == to), None)

    def branches_of(self, block: Block) -> list[str]:
        """Give the branches there are that a block leads into, in whatever way."""
        named = [one.to for one in exits(block)] + [name for _, name in uses(block)]
        return [name for name in named if name is not None and self.is_branch(name)]

    def successors(self, of: str, index: int) -> list[tuple[int, Exit]]:
        """Give where a block goes on within its list; a branch that it is sent to comes back behind it."""
        found: list[tuple[int, Exit]] = []
        for way in exits(self.lists[of][index]):
            if way.to is None or self.is_branch(way.to):
                found.append((index + 1, way))
            elif (place := self.place(of, way.to)) is not None:
                found.append((place, way))
        return found

    def reachable(self, of: str) -> set[int]:
        """Give the places of a list that a run can come to; its end is its length."""
        found: set[int] = set()
        waiting = [0]
        while waiting:
            index = waiting.pop()
            if index in found:
                continue
            found.add(index)
            if index < len(self.lists[of]):
                waiting += [place for place, _ in self.successors(of, index)]
        return found

    @cached_property
    def circular(self) -> dict[str, list[str]]:
        """Give the branches that lead into themselves, each with the way there and back."""
        found: dict[str, list[str]] = {}
        for start in self.lists:
            way = self._way_back(start, start, [])
            if start != MAIN and way:
                found[start] = [start, *way]
        return found

    def _way_back(self, here: str, start: str, seen: list[str]) -> list[str]:
        for block in self.lists[here]:
            for branch in self.branches_of(block):
                if branch == start:
                    return [branch]
                if branch not in seen:
                    seen.append(branch)
                    way = self._way_back(branch, start, seen)
                    if way:
                        return [branch, *way]
        return []

    # --- what waits, and what tells ---------------------------------------------------------------------

    def waits(self, of: str) -> bool:
        """Whether a run that is sent through a list has always waited for something at its end."""
        if of in self.circular:
            return True  # said elsewhere; here it must only come to an end
        return len(self.lists[of]) not in self._at_once(of, 0)

    def _at_once(self, of: str, start: int) -> set[int]:
        """Give the places that a run can come to from a place of a list without waiting for anything."""
        found: set[int] = set()
        going = [start]
        while going:
            index = going.pop()
            if index in found:
                continue
            found.add(index)
            if index < len(self.lists[of]):
                going += self.at_once_from(of, index)
        return found

    def at_once_from(self, of: str, index: int, *, counted: bool = True) -> list[int]:
        """Give where a block goes on without waiting; without `counted`, only what has no end by itself."""
        block = self.lists[of][index]
        if block.type in {"delay", "notification", "wait-for-outcome"} or not self._passes(block):
            return []
        return [
            place
            for place, way in self.successors(of, index)
            if (counted or not way.counted)
            and (way.to is None or not self.is_branch(way.to) or not self.waits(way.to))
        ]

    def _passes(self, block: Block) -> bool:
        """Whether what a block does besides going on can be over at once."""
        if block.type == "retry":
            return not self.is_branch(block.branch) or not self.waits(block.branch)
        if block.type == "parallel":
            over = [not self.waits(name) for name in block.branches if self.is_branch(name)]
            return any(over) if block.until == "any" else all(over)
        return True

    def tells(self, of: str, start: int = 0) -> bool:
        """Whether a run that goes on at a place of a list can come to a block that tells people."""
        return self._tells(of, start, set())

    def _tells(self, of: str, start: int, seen: set[tuple[str, int]]) -> bool:
        if start >= len(self.lists[of]) or (of, start) in seen:
            return False
        seen.add((of, start))
        block = self.lists[of][start]
        if block.type == "notification" or (block.type == "jump" and block.pipeline is not None):
            return True
        return any(self._tells(branch, 0, seen) for branch in self.branches_of(block)) or any(
            self._tells(of, place, seen) for place, _ in self.successors(of, start)
        )
