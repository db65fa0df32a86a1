"""The releases that the sandbox holds, and when one of them may be let go. No I/O but the letting go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.clock import Clock
    from tocsin.scripts.release import Release

_FRESH_S = 60.0
"""How long a release stays without being used: whoever asked for it is about to pin or run it."""

_LONGEST_CALL_S = 5 * 3600.0
"""A pin is forgotten after this: longer than any call may last, so the end of that call was missed."""


class Retiring(Protocol):
    """What the shelf needs of the sandbox."""

    def retire(self, domain: str, key: str) -> None:
        """Let a program go."""


@dataclass(slots=True)
class _Held:
    release: Release
    since: float


class Shelf:
    """What is loaded: releases in force, those that calls have pinned, and those asked for just now."""

    def __init__(self, sandbox: Retiring, clock: Clock, *, in_force: Callable[[], set[str]]) -> None:
        self._sandbox = sandbox
        self._clock = clock
        self._in_force = in_force
        self._held: dict[str, _Held] = {}
        self._pins: dict[str, tuple[str, float]] = {}

    def put(self, release: Release) -> None:
        """Note that the sandbox holds a release."""
        before = self._held.get(release.id)
        if before is not None and before.release.domain != release.domain:
            self._sandbox.retire(before.release.domain, before.release.key)
        self._held[release.id] = _Held(release, self._clock.monotonic())

    def holds(self, release: Release) -> bool:
        """Tell whether a release is loaded, in the domain it belongs to."""
        held = self._held.get(release.id)
        return held is not None and held.release.domain == release.domain

    def get(self, release_id: str) -> Release | None:
        """Return a loaded release."""
        held = self._held.get(release_id)
        return held.release if held else None

    def pin(self, call_id: str, release_id: str) -> None:
        """Keep a release for a call."""
        self._pins[call_id] = (release_id, self._clock.monotonic())

    def unpin(self, call_id: str) -> None:
        """Forget a call's pin."""
        if self._pins.pop(call_id, None) is not None:
            self.tidy()

    def tidy(self) -> None:
        """Let go what nobody uses."""
        now = self._clock.monotonic()
        for call_id in [one for one, (_, since) in self._pins.items() if now - since > _LONGEST_CALL_S]:
            del self._pins[call_id]
        used = self._in_force() | {release_id for release_id, _ in self._pins.values()}
        for release_id, held in list(self._held.items()):
            if release_id not in used and now - held.since > _FRESH_S:
                del self._held[release_id]
                self._sandbox.retire(held.release.domain, held.release.key)
