"""One project's scripts: what is in force, what is wrong with the files, and how files come into force.

The rule of the last good release stands here: whatever happens to the files, the set that worked stays
in force until another set can run.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tocsin.errors import Finding
from tocsin.scripts.folder import FOLDER, Reading, ScriptFolder
from tocsin.scripts.release import Release

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from tocsin.scripts.release import Source

    Publish = Callable[[Release], Awaitable[list[Finding]]]
    Keep = Callable[[Release], Awaitable[None]]

_LOOKS: Final = 10
_BETWEEN_LOOKS_S: Final = 0.02

PATIENCE_S: Final = 0.5
"""How long files that look unfinished have to stand as they are before they come into force by themselves."""

_LONGEST_WRITING_S: Final = 10.0
"""How long somebody who writes without end keeps what is there from coming into force."""

_GONE: Final = Finding(
    FOLDER,
    None,
    "the folder is gone; the scripts stay in force as they were. Put it back, or make it empty to run "
    "the default alone",
)


def unfinished(found: Sequence[Source], in_force: Sequence[Source]) -> bool:
    """Tell whether files look as they do while they are being uploaded or written piece by piece.

    One is missing that is in force (and was not renamed), is empty, is the beginning of what it was, or
    breaks off in a line. All of this may be meant as well, and is then as it is a moment later.
    """
    before = {one.name: one.text for one in in_force}
    gone = before.keys() - {one.name for one in found}
    if not {before[name] for name in gone} <= {one.text for one in found}:
        return True
    return any(
        _breaks_off(one.text, before.get(one.name)) for one in found if one.text != before.get(one.name)
    )


def _breaks_off(text: str, before: str | None) -> bool:
    if not text or before is None:
        return not text.endswith("\n")
    return before.startswith(text) or (before.endswith("\n") and not text.endswith("\n"))


class ProjectScripts:
    """The scripts of one project, with the shipped default in force until `load` has found better.

    `release` is in force for new calls. `findings` tell what is wrong with the files as they are on disk
    now; with an error among them, the files are not what is in force.
    """

    def __init__(self, name: str, path: Path, default: Release) -> None:
        self.name = name
        self.folder = ScriptFolder(path)
        self.release = default
        self.findings: tuple[Finding, ...] = ()
        self._default = default
        self._lock = asyncio.Lock()

    @property
    def domain(self) -> str:
        """The trust domain: the project's path."""
        return str(self.folder.project)

    @property
    def refused(self) -> bool:
        """Whether the files on disk are not what is in force."""
        return any(one.severity == "error" for one in self.findings)

    async def load(self, publish: Publish, keep: Keep, *, patient: bool = False) -> bool:
        """Take the files as they are now into force if they can run; return whether anything changed.

        `publish` makes a release runnable or says why it cannot be; `keep` stores one that may come into
        force. A `patient` load waits while files look unfinished, for PATIENCE_S real seconds since the last
        change of any. Loads of one project follow one another.
        """
        async with self._lock:
            reading, release = await self._settled(publish, keep, PATIENCE_S if patient else 0.0)
            if not reading.there and self.release.files:
                reading = replace(reading, findings=(_GONE,))
            changed = release is not None or reading.findings != self.findings
            if release is not None:
                self.release = release
            self.findings = reading.findings
            return changed

    async def _settled(
        self, publish: Publish, keep: Keep, patience_s: float
    ) -> tuple[Reading, Release | None]:
        """Read, publish, and read again meanwhile, until the files were the same both times.

        Returns the last reading and the release to put into force: None if that is in force already, or
        cannot run; then the reading's findings say why.
        """
        reading = await self._finished(await self._read(), patience_s)
        for _ in range(_LOOKS):
            release = self._release_of(reading)
            # Side by side: reading a second time costs a save nothing then.
            problems, again = await asyncio.gather(self._tried(publish, keep, release), self._read())
            if again.files == reading.files and again.findings == reading.findings:
                break
            reading = await self._finished(again, patience_s)
        else:
            # Somebody writes all the time; there will be one more change when they are done.
            return reading, None
        if problems:
            return replace(reading, findings=(*reading.findings, *problems)), None
        return reading, release

    @staticmethod
    async def _tried(publish: Publish, keep: Keep, release: Release | None) -> list[Finding]:
        if release is None:
            return []
        # On disk by the time it can run. One that cannot is removed with those no call needs any more.
        problems, _ = await asyncio.gather(publish(release), keep(release))
        return problems

    async def _finished(self, reading: Reading, patience_s: float) -> Reading:
        """Read again and again while files look unfinished, until they have stood so for `patience_s`."""
        now = asyncio.get_running_loop().time
        longest = now() + _LONGEST_WRITING_S
        until = now() + patience_s
        while unfinished(reading.files, self.release.files) and now() < min(until, longest):
            await asyncio.sleep(_BETWEEN_LOOKS_S)
            before, reading = reading, await self._read()
            if reading.files != before.files:
                until = now() + patience_s
        return reading

    async def _read(self) -> Reading:
        reading = await asyncio.to_thread(self.folder.read)
        for _ in range(_LOOKS):
            if not reading.busy:
                break
            # Real seconds: another program is writing, and no clock of ours makes it faster.
            await asyncio.sleep(_BETWEEN_LOOKS_S)
            reading = await asyncio.to_thread(self.folder.read)
        return reading

    def _release_of(self, reading: Reading) -> Release | None:
        """Return what the files make; None where that is in force, or may not come into force."""
        if not reading.usable or (not reading.there and self.release.files):
            return None
        release = self._default
        if reading.files:
            release = Release(self.name, self.domain, reading.files, self._default.default)
        return None if release.id == self.release.id else release
