"""What `tocsin roster` does where no gateway runs: the same, on the project's files and database alone."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tocsin.cli.reaching import NoAnswer, Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from pathlib import Path

    from tocsin.errors import Finding
    from tocsin.gateway.lock import FolderLock
    from tocsin.people import Directory
    from tocsin.people.roster_desk import Done, RosterDesk


_TRIES: Final = 20
_BETWEEN_S: Final = 0.1
"""Two commands at once wait for each other, for a few seconds at most."""


def directory_of(project: Path) -> Directory:
    """Return the people of a project; raises ConfigRefused."""
    from tocsin.gateway import binding, checks

    return binding.directory_of(checks.read_beside(project)[0].value)


def seen(project: Path, name: str | None, days: int) -> Any:
    """Describe all rosters, or one, as the API does; raises ConfigRefused and Refused."""
    from tocsin.clock import SystemClock
    from tocsin.web.api import rosters
    from tocsin.web.api.problems import Refused as Problem

    directory, now_ms = directory_of(project), SystemClock().now_ms()
    if name is None:
        return msgspec.to_builtins(rosters.shown_all(directory, now_ms))
    try:
        return msgspec.to_builtins(rosters.shown(directory, name, now_ms, days))
    except Problem as problem:
        raise Refused(str(problem), problem.status) from None


def on_call(project: Path, at: str | None) -> Any:
    """Say who is on call per roster, as the API does; raises ConfigRefused and Refused."""
    from tocsin.clock import SystemClock
    from tocsin.web.api import people
    from tocsin.web.api.instants import instant
    from tocsin.web.api.problems import Refused as Problem

    directory = directory_of(project)
    try:
        at_ms = SystemClock().now_ms() if at is None else instant(at, directory.timezone)
    except Problem as problem:
        raise Refused(str(problem), problem.status) from None
    return msgspec.to_builtins(people.on_call_at(directory, at_ms, None))


async def past(project: Path, name: str, limit: int) -> Any:
    """Describe the changes of a roster on record, as the API does; raises ConfigRefused and Refused."""
    from tocsin.people.roster_wishes import RosterChangeRefused
    from tocsin.web.api import rosters

    async with _desk(project) as desk:
        try:
            found = await desk.history(name, limit)
        except RosterChangeRefused as error:
            problem = rosters.refused(error)
            raise Refused(str(problem), problem.status, problem.kind) from None
        return msgspec.to_builtins(rosters.past(desk.directory(), name, found, desk.clock.now_ms()))


async def changed(project: Path, by: str | None, doing: Callable[[RosterDesk, Any], Awaitable[Done]]) -> Any:
    """Change a roster and describe what came of it; raises ConfigRefused, Refused and NotStored."""
    from tocsin.people.roster_desk import Actor
    from tocsin.people.roster_wishes import RosterChangeRefused
    from tocsin.web.api import rosters

    async with _desk(project, changing=True) as desk:
        if by is not None and by not in desk.directory().users:
            raise Refused(f'there is no user "{by}"; leave --by out to act as the command itself', 404)
        try:
            done = await doing(desk, Actor(by or "cli", "cli"))
        except RosterChangeRefused as error:
            problem = rosters.refused(error)
            raise Refused(str(problem), problem.status, problem.kind) from None
        return msgspec.to_builtins(rosters.changed(desk.directory(), done, desk.clock.now_ms()))


@asynccontextmanager
async def _desk(project: Path, *, changing: bool = False) -> AsyncIterator[RosterDesk]:
    """Give the desk on a project's files; `changing` keeps gateways and other commands off them meanwhile."""
    from tocsin.clock import SystemClock
    from tocsin.config import ConfigRefused
    from tocsin.gateway import auditing, binding, checks
    from tocsin.gateway.storage import open_beside, open_database
    from tocsin.people.roster_desk import desk

    state, clock = project / ".tocsin", SystemClock()
    async with AsyncExitStack() as stack:
        if changing:
            stack.callback((await _locked(state)).close)
        value = checks.read_beside(project, database=True)[0].value
        people = [binding.directory_of(value)]

        async def reload() -> Sequence[Finding]:
            try:
                people[:] = [binding.directory_of(checks.read_beside(project, database=True)[0].value)]
            except ConfigRefused as error:
                return error.findings
            return ()

        db = (open_database if changing else open_beside)(value, state, clock)
        stack.push_async_callback(db.aclose)
        yield desk(
            project,
            directory=lambda: people[0],
            db=db,
            clock=clock,
            reload=reload,
            audit=lambda: auditing.audit_profile(value),
        )


async def _locked(state: Path) -> FolderLock:
    """Take the folder, once another command that has it is through; raises NoAnswer."""
    from tocsin.gateway.lock import AlreadyRunning, FolderLock

    for _ in range(_TRIES):
        try:
            return FolderLock(state)
        except AlreadyRunning:
            await asyncio.sleep(_BETWEEN_S)
    raise NoAnswer(f"a gateway holds {state.parent.resolve()} and does not answer yet; try again in a moment")
