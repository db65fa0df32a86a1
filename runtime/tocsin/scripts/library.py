"""Which scripts answer calls: per project one release, swapped whole when a saved set can run.

This is the room's face. What a release is stands in `release`, how files become one in `project`, where
they are kept in `archive`, what the sandbox may let go in `shelf`.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from tocsin.db import NotStored
from tocsin.errors import Finding, TocsinError
from tocsin.scripts.archive import Archive
from tocsin.scripts.folder import FOLDER, shipped_files
from tocsin.scripts.project import ProjectScripts
from tocsin.scripts.release import DEFAULT_DOMAIN, Release, default_release
from tocsin.scripts.retries import Retries
from tocsin.scripts.shelf import Shelf
from tocsin.scripts.watch import watching

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tocsin.clock import Clock
    from tocsin.db import Database
    from tocsin.sandbox.script import Problem, Program

    Callback = Callable[[str, Release | None, Sequence[Finding]], None]

log = structlog.get_logger("tocsin.scripts")

_PUT_OFF: Final = "the scripts could not be loaded: "
_ITSELF: Final = "default"


class Runner(Protocol):
    """What the library needs of the sandbox."""

    async def publish(self, domain: str, program: Program) -> list[Problem]:
        """Make a program runnable; return what is wrong with it, nothing if it can run."""

    def retire(self, domain: str, key: str) -> None:
        """Let a program go."""


class Library:
    """The scripts of all projects, and the default behind them.

    `default` is the path of the shipped script that answers what no other does; the modules beside it are
    its own. Raises OSError where one cannot be read, which is a broken installation.
    """

    def __init__(self, *, sandbox: Runner, db: Database, clock: Clock, default: Path) -> None:
        self._sandbox = sandbox
        self._clock = clock
        self.default: Release = default_release(shipped_files(default))
        self._projects: dict[str, ProjectScripts] = {}
        self._archive = Archive(db, clock)
        self._shelf = Shelf(sandbox, clock, in_force=self._in_force)
        self._fetching: dict[str, asyncio.Task[Release | None]] = {}
        self._watching: dict[str, asyncio.Task[None]] = {}
        self._retries = Retries()
        self._watches = False
        self._callbacks: list[Callback] = []

    async def start(self, projects: Mapping[str, Path | None]) -> None:
        """Load the scripts of these projects, by the name profiles give them; None: the default alone.

        Called again with another set, it loads what is new and forgets what is gone. Scripts that cannot
        run do not stop it: such a project has the default in force, and `findings` says why.
        """
        wanted = {name: path.absolute() for name, path in projects.items() if path is not None}
        held = {name: found.folder.project for name, found in self._projects.items()}
        new = [
            ProjectScripts(name, path, self.default)
            for name, path in wanted.items()
            if held.get(name) != path
        ]
        await asyncio.gather(self._load_default(), *(self._load(one) for one in new))
        for name in [*(held.keys() - wanted.keys()), *(one.name for one in new)]:
            if (gone := self._projects.pop(name, None)) is not None:
                self._retries.give_up(gone)
            if (watch := self._watching.pop(name, None)) is not None:
                watch.cancel()
        self._projects.update({one.name: one for one in new})
        if self._watches:
            self.start_watching()
        self._shelf.tidy()

    def current(self, project: str) -> Release:
        """Return the release in force for new calls; the default's for a project without scripts."""
        found = self._projects.get(project)
        return found.release if found else self.default

    def findings(self, project: str) -> tuple[Finding, ...]:
        """Return what is wrong with a project's scripts as they are on disk now."""
        found = self._projects.get(project)
        return found.findings if found else ()

    async def release(self, release_id: str, *, within_s: float | None = None) -> Release | None:
        """Return a release by its id, ready to run.

        One that is not loaded comes from the database. None where it cannot be had (unknown, not runnable
        any more, database in trouble, not there within so many real seconds), with the reason in the log:
        the caller goes on with `current`. One that was late is there for who asks next.
        """
        held = self._shelf.get(release_id)
        if held is not None:
            return held
        task = self._fetching.get(release_id)
        if task is None:
            task = self._fetching[release_id] = asyncio.ensure_future(self._fetch(release_id))
            task.add_done_callback(lambda _: self._fetching.pop(release_id, None))
        done, _ = await asyncio.wait([task], timeout=within_s)
        if not done:
            log.warning("release-late", release=release_id)
            return None
        return task.result()

    async def reload(self, project: str) -> list[Finding]:
        """Take a project's files as they are now into force, if they can run; return what is wrong."""
        found = self._projects.get(project)
        if found is None:
            return []
        await self._load(found)
        return list(found.findings)

    def pin(self, call_id: str, release_id: str) -> None:
        """Keep a release loaded while a call uses it. A call pins one release; pinning again replaces it."""
        self._shelf.pin(call_id, release_id)

    def unpin(self, call_id: str) -> None:
        """Let a call's release go; no harm where the call has none."""
        self._shelf.unpin(call_id)

    def tidy(self) -> None:
        """Let go the releases nobody uses any more; to be called now and then."""
        self._shelf.tidy()

    def subscribe(self, callback: Callback) -> None:
        """Have `callback(project, release, findings)` called after each reload that changed something.

        `release` is the one in force now, or None where the files are refused.
        """
        self._callbacks.append(callback)

    def start_watching(self) -> None:
        """Reload a project whenever its files change, until `aclose`."""
        self._watches = True
        for name, found in self._projects.items():
            if name not in self._watching:
                self._watching[name] = asyncio.ensure_future(watching(found.folder, self._again(found)))

    async def aclose(self) -> None:
        """Stop watching. What is loaded is the sandbox's to let go."""
        self._watches = False
        tasks = [*self._watching.values(), *self._fetching.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._retries.aclose()
        await self._archive.aclose()

    def _again(self, found: ProjectScripts) -> Callable[[], asyncio.Future[None]]:
        return lambda: asyncio.ensure_future(self._load(found, patient=True))

    async def _load_default(self) -> None:
        findings = await self._publish(self.default)
        for one in findings:
            log.error("default-refused", message=str(one))
        await self._archive.keep(self.default)
        if _is_put_off(findings):
            self._retries.begin(_ITSELF, self._load_default_again)

    async def _load_default_again(self) -> bool:
        return not _is_put_off(await self._publish(self.default))

    async def _load_again(self, found: ProjectScripts) -> bool:
        await self._load(found, patient=True)
        return not _is_put_off(found.findings)

    async def _load(self, found: ProjectScripts, *, patient: bool = False) -> None:
        began = self._clock.monotonic()
        before = found.release.id
        has_changed = await found.load(self._publish, self._archive.keep, patient=patient)
        if _is_put_off(found.findings):
            self._retries.begin(found, partial(self._load_again, found))
        if not has_changed:
            return
        if found.release.id != before:
            took = (self._clock.monotonic() - began) * 1000
            log.info("scripts-live", project=found.name, release=found.release.id, ms=round(took, 1))
            self._shelf.tidy()
        for one in found.findings:
            told = log.error if one.severity == "error" else log.warning
            told("scripts-finding", project=found.name, file=one.file, line=one.line, message=one.message)
        for callback in self._callbacks:
            callback(found.name, None if found.refused else found.release, found.findings)

    async def _publish(self, release: Release) -> list[Finding]:
        """Give a release to the sandbox; return why it cannot run."""
        if self._shelf.holds(release):
            return []
        try:
            problems = await self._sandbox.publish(release.domain, release.program)
        except TocsinError as error:
            return [Finding(FOLDER, None, f"{_PUT_OFF}{error}")]
        if not problems:
            self._shelf.put(release)
        return [_finding_of(one) for one in problems]

    async def _fetch(self, release_id: str) -> Release | None:
        try:
            release = await self._archive.find(release_id, self._domain_of)
        except NotStored as error:
            log.error("release-not-read", release=release_id, message=str(error))
            return None
        if release is None:
            log.warning("release-unknown", release=release_id)
            return None
        findings = await self._publish(release)
        for one in findings:
            log.warning("release-not-runnable", release=release_id, message=str(one))
        return None if findings else release

    def _domain_of(self, project: str) -> str:
        """Return the trust domain of a project: its path, or its name where it is no longer configured."""
        if not project:
            return DEFAULT_DOMAIN
        found = self._projects.get(project)
        return found.domain if found else project

    def _in_force(self) -> set[str]:
        return {self.default.id, *(found.release.id for found in self._projects.values())}


def _is_put_off(findings: Sequence[Finding]) -> bool:
    """Tell whether it was the sandbox that could not take scripts, about which nothing is wrong."""
    return any(one.message.startswith(_PUT_OFF) for one in findings)


def _finding_of(problem: Problem) -> Finding:
    return Finding(f"{FOLDER}/{problem.name}", problem.line or None, problem.message, source=problem.source)
