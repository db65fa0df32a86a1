"""An alarm in a story: the episode that `plant.raises` opened, and what may be expected of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.alarms import Episode
    from tocsin.testing.plant import Plant


class Alarm:
    """One episode of an alarm. Every `is_...` returns True, or fails the test with the whole story."""

    def __init__(self, plant: Plant, path: str, episode_id: str) -> None:
        self._plant = plant
        self._id = episode_id
        self.path = path

    def __repr__(self) -> str:
        """Show the path, for assertions that name the alarm."""
        return f"<Alarm {self.path}>"

    @property
    def episode(self) -> Episode:
        """The episode as it is on record now."""
        return self._plant.find_episode(self._id)

    def is_acknowledged(self, *, by: str | None = None) -> bool:
        """Expect that somebody acknowledged it: the person with the username `by`, where given."""
        __tracebackhide__ = True
        found = self.episode
        if not found.acked:
            who = f" by {by}" if by else ""
            self._plant.fail(f"{self.path} was expected to be acknowledged{who}, and nobody acknowledged it")
        if by is not None and found.acked_by != by:
            self._plant.fail(
                f"{self.path} was expected to be acknowledged by {by}; {found.acked_by} acknowledged it"
            )
        return True

    def is_not_acknowledged(self) -> bool:
        """Expect that nobody acknowledged it yet."""
        __tracebackhide__ = True
        if (found := self.episode).acked:
            self._plant.fail(
                f"{self.path} was expected to be unacknowledged; {found.acked_by} acknowledged it"
            )
        return True

    def is_shelved(self) -> bool:
        """Expect that somebody has put it aside for a time that is not over."""
        __tracebackhide__ = True
        if not self.episode.shelved(self._plant.now_ms):
            self._plant.fail(f"{self.path} was expected to be shelved, and it is not")
        return True

    def is_not_shelved(self) -> bool:
        """Expect that nobody has put it aside, or that the time for that is over."""
        __tracebackhide__ = True
        if self.episode.shelved(self._plant.now_ms):
            self._plant.fail(
                f"{self.path} was expected not to be shelved; {self.episode.shelved_by} shelved it"
            )
        return True

    def clears(self) -> Alarm:
        """Let its condition end."""
        self._plant.clears(self.path)
        return self
