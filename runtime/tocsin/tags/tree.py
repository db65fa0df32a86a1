"""The tree of all tags: which provider owns which part, reading over all of them, browsing.

A path is `Folder/Folder/Tag`. Ignition's form with a provider in front is understood too:
`[System]Gateway/Twilio/CallsSent` is `System/Gateway/Twilio/CallsSent`, `[default]Plant/Level` is
`Plant/Level`. Letter case makes no difference.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from tocsin.tags.tag import FAILURE, NOT_FOUND, Node, Tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.clock import Clock

log = structlog.get_logger("tocsin.tags")

_PROVIDER: Final = re.compile(r"\[([^\[\]]*)\]")
_DEFAULT: Final = frozenset({"", "default"})


class Provider(Protocol):
    """Knows the values below `root`, such as "System/Gateway/Twilio"."""

    @property
    def root(self) -> str:
        """The part of the tree that is this provider's."""

    def nodes(self) -> Sequence[Node]:
        """Return every tag there is now; folders follow from their paths."""

    async def read(self, paths: Sequence[str]) -> Sequence[Tag]:
        """Read some of these tags, given by their own spelling, each once, in this order."""


class Tags:
    """Every provider's tags as one tree."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._providers: list[Provider] = []

    def add(self, provider: Provider) -> None:
        """Take in a provider; its root may not lie within another's. Raises ValueError."""
        mine = _folded(provider.root)
        for other in self._providers:
            theirs = _folded(other.root)
            if _within(mine, theirs) or _within(theirs, mine):
                raise ValueError(f"tags below {provider.root} are another provider's already: {other.root}")
        self._providers.append(provider)

    async def read(self, paths: Sequence[str]) -> list[Tag]:
        """Read tags, in this order. Never raises for a path.

        An unknown path has the quality Bad_NotFound, a tag whose provider fails Bad_Failure, both no value.
        """
        known = self._by_spelling()
        found: dict[str, Tag] = {}
        wanted: dict[int, list[str]] = {}
        for path in dict.fromkeys(map(_folded, paths)):
            if path in known:
                place, node = known[path]
                wanted.setdefault(place, []).append(node.path)
        for tags in await asyncio.gather(*(self._read(place, some) for place, some in wanted.items())):
            found |= {_folded(tag.path): tag for tag in tags}
        now_ms = self._clock.now_ms()
        return [found.get(_folded(path)) or Tag(plain_path(path), None, NOT_FOUND, now_ms) for path in paths]

    async def _read(self, place: int, paths: Sequence[str]) -> Sequence[Tag]:
        provider = self._providers[place]
        try:
            return await provider.read(paths)
        except Exception as error:
            # One provider's fault must not hide the values of the others.
            log.exception("tags-not-read", root=provider.root, why=str(error))
            return [Tag(path, None, FAILURE, self._clock.now_ms()) for path in paths]

    def exists(self, path: str) -> bool:
        """Tell whether a path is a tag or a folder."""
        wanted = _folded(path)
        return any(_within(one, wanted) for one in self._by_spelling())

    def browse(self, path: str = "") -> list[Node]:
        """Return what lies directly below a folder, folders first, each group by name."""
        wanted = _folded(path)
        steps: dict[str, Node] = {}
        for folded, (_, node) in self._by_spelling().items():
            if not _within(folded, wanted) or folded == wanted:
                continue
            depth = len(wanted.split("/")) if wanted else 0
            parts = node.path.split("/")
            step = "/".join(parts[: depth + 1])
            steps.setdefault(_folded(step), node if len(parts) == depth + 1 else Node(step, "Folder"))
        return sorted(steps.values(), key=lambda node: (node.kind != "Folder", node.name.lower()))

    def _by_spelling(self) -> dict[str, tuple[int, Node]]:
        return {
            _folded(node.path): (place, node)
            for place, provider in enumerate(self._providers)
            for node in provider.nodes()
        }


def plain_path(path: str) -> str:
    """Return a path without Ignition's provider in front, and without slashes at its ends."""
    match = _PROVIDER.match(path)
    if match is None:
        return path.strip("/")
    rest, provider = path[match.end() :].strip("/"), match[1]
    return rest if provider.lower() in _DEFAULT else f"{provider}/{rest}".rstrip("/")


def _folded(path: str) -> str:
    return plain_path(path).casefold()


def _within(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")
