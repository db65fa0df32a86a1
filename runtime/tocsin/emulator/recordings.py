"""Recordings while they are made: begun by REST, by a verb or with the call; paused, stopped, told of.

Nothing is recorded but time and, where a verb knows them, the words. How a recording looks over REST is
the business of `rest.recordings`. https://www.twilio.com/docs/voice/api/recording
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tocsin.emulator import parameters
from tocsin.emulator.records import Call, Recording, RecordingTold
from tocsin.emulator.webhook import Ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.emulator.callbacks import Callbacks
    from tocsin.emulator.world import World

EVENTS = frozenset({"in-progress", "completed", "absent"})
# Seconds between the end of a recording stopped by hand and the moment its sound can be fetched.
_PROCESSING = 1.0


class NotRecordable(ValueError):  # noqa: N818  # reads as a sentence at the place of use
    """A change that a recording in its state does not take; `str()` is one sentence."""


class Recordings:
    """Every recording of one emulator; `base` gives the URL the emulator is found at."""

    def __init__(self, world: World, callbacks: Callbacks, base: Callable[[], str]) -> None:
        self._world = world
        self._callbacks = callbacks
        self._base = base
        self._running: dict[str, list[Recording]] = {}

    def begin(
        self,
        call: Call,
        source: str,
        *,
        told: RecordingTold | None = None,
        channels: int = 1,
        track: str = "both",
    ) -> Recording:
        """Begin to record a call; it ends with the call at the latest."""
        now = self._world.clock.now()
        sid = self._world.sids.new("RE")
        recording = Recording(
            sid, call.account_sid, call.sid, now, now, source=source, channels=channels, track=track,
            updated=now, running_since=now, told=told or RecordingTold(),
        )  # fmt: skip
        self._world.accounts.get(call.account_sid).recordings[sid] = recording
        self._running.setdefault(call.sid, []).append(recording)
        self._tell(call, recording)
        return recording

    def current(self, call: Call) -> list[Recording]:
        """Give the recordings of a call that are not stopped, oldest first."""
        return list(self._running.get(call.sid, ()))

    def change(self, call: Call, recording: Recording, status: str) -> None:
        """Pause, continue or stop one by hand; raises NotRecordable for one that has ended."""
        if recording not in self._running.get(call.sid, ()):
            raise NotRecordable(f"the recording is {recording.status} and cannot become {status}")
        if status == "stopped":
            self._stop(recording)
            recording.status = "stopped"
            self._world.timers.after(_PROCESSING, lambda: self._complete(call, recording))
        elif status != recording.status:
            self._measure(recording)
            recording.status = status
            recording.running_since = self._world.clock.now() if status == "in-progress" else None

    def end(self, call: Call, recording: Recording, *, seconds: int | None = None, spoken: str = "") -> None:
        """End one because its verb is done; `seconds` where the verb knows better than the clock."""
        if recording.status not in ("in-progress", "paused"):
            return
        self._stop(recording)
        if seconds is not None:
            recording.elapsed = float(seconds)
        recording.spoken = spoken
        self._complete(call, recording)

    def end_all(self, call: Call) -> None:
        """End what still records a call that is over."""
        for recording in self.current(call):
            self.end(call, recording)

    def url(self, recording: Recording) -> str:
        """Give the URL of the sound, without an extension, as Twilio does."""
        return f"{self._base()}/2010-04-01/Accounts/{recording.account_sid}/Recordings/{recording.sid}"

    def _measure(self, recording: Recording) -> None:
        recording.updated = self._world.clock.now()
        if recording.running_since is not None:
            recording.elapsed += recording.updated - recording.running_since

    def _stop(self, recording: Recording) -> None:
        self._measure(recording)
        recording.running_since = None
        running = self._running[recording.call_sid]
        running.remove(recording)
        if not running:
            del self._running[recording.call_sid]

    def _complete(self, call: Call, recording: Recording) -> None:
        """Make the sound available, or note that there is none."""
        recording.updated = self._world.clock.now()
        recording.seconds = max(0, math.ceil(recording.elapsed - 1e-3))
        recording.status = "completed" if recording.seconds else "absent"
        if recording.status == "absent":
            self._world.accounts.get(call.account_sid).recordings.pop(recording.sid, None)
        self._tell(call, recording)

    def _tell(self, call: Call, recording: Recording) -> None:
        told = recording.told
        if not told.url or recording.status not in told.events:
            return
        params = parameters.recording(recording, self.url(recording))
        ask = Ask(
            told.url, params, "recording", call.account_sid, call.sid, told.method, call.to, call.from_,
            call.requests,
        )  # fmt: skip
        self._callbacks.other(ask)
