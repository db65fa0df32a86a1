"""What turns leave behind in a worker: objects in cycles, which nothing but a collection frees.

CPython collects by itself after so many containers, however much memory hangs on them. A turn makes few,
so what it left would lie through hundreds of turns and count against the memory of each: it takes no more
than a function that remembers an exception. Collecting after every turn would cost more than many a turn
takes, so it is done where there is something: telling costs about a microsecond, collecting ten to twenty.

What the zygote froze is neither counted nor touched.
"""

from __future__ import annotations

import gc
import sys


def tracked() -> int:
    """Return how many objects the collector looks after; too many where memory is too short to say."""
    try:
        return len(gc.get_objects())
    except MemoryError:
        return sys.maxsize


class Litter:
    """What has come since the last look, in a worker that is at rest."""

    def __init__(self) -> None:
        self._clean = 0

    def clear(self) -> None:
        """Collect if there is more than there was after the last collection."""
        found = tracked()
        if found > self._clean:
            gc.collect()
            found = tracked()
        self._clean = found
