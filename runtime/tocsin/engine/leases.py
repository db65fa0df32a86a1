"""Who is gone: a lease that stays the same for as long as it was to last. Pure.

Wall clocks of two machines differ, and can be set. So a lease is not held against a clock: whoever sees
it waits by its own monotonic time, as long as the lease was given for, and takes it to be over if nothing
has changed meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tocsin.engine.claiming import Taken


class Sightings:
    """When each taken job was first seen as it is now."""

    def __init__(self) -> None:
        self._first: dict[Taken, float] = {}

    @property
    def any(self) -> bool:
        """Whether there is a lease to be waited for."""
        return bool(self._first)

    def over(self, now: Iterable[Taken], *, lease_s: Callable[[str], float], monotonic: float) -> list[Taken]:
        """Return what has been taken unchanged for `lease_s(queue)` seconds; forgets what is not there."""
        self._first = {one: self._first.get(one, monotonic) for one in now}
        return [one for one, first in self._first.items() if monotonic - first >= lease_s(one.queue)]
