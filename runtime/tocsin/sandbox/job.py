"""One turn as the server sees it, and one program as the server holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.sandbox.report import lines_of
from tocsin.sandbox.script import FailureKind, LogLine, Outcome, ScriptFailed
from tocsin.sandbox.strikes import Record

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    import msgspec

    from tocsin.sandbox import frames
    from tocsin.sandbox.host import Host
    from tocsin.sandbox.script import Program


MOST_KINDS = 64
"""Kinds of turns a program has records of; whoever sends more kinds has made them up."""


class Version:
    """One program of one domain: its compiled parts and its record."""

    def __init__(self, program: Program, codes: dict[str, tuple[str, bytes]]) -> None:
        self._program = program
        self.key = program.key
        self.parts = {
            "scripts": [(each.name, codes[each.name][0]) for each in program.scripts],
            "modules": [(each.name, codes[each.name][0]) for each in program.modules],
            "fallback": [(each.name, codes[each.name][0]) for each in program.fallback],
            "fallback_modules": [(each.name, codes[each.name][0]) for each in program.fallback_modules],
        }
        self.codes = dict(codes.values())
        """Compiled code by digest: opaque bytes, which only this domain's workers read."""
        self._records: dict[str, Record] = {}
        self.open = 0
        """Turns of it not yet settled."""
        self.retired = False
        self.on_unused: Callable[[Version], None] | None = None
        """Called once it is retired and the last of its turns is settled."""

    def record(self, kind: str) -> Record:
        """Return the record of one kind of turn: what loops in one kind must not slow down the others."""
        if (record := self._records.get(kind)) is None:
            if len(self._records) >= MOST_KINDS:
                kind = ""
            record = self._records.setdefault(kind, Record())
        return record

    def settle(self) -> None:
        """Note that one of its turns is settled."""
        self.open -= 1
        if self.retired and not self.open and self.on_unused is not None:
            self.on_unused(self)

    def source_line(self, name: str, line: int) -> str:
        """Return the line of source that a message is about, "" where there is none."""
        for script in self._program.parts:
            if script.name == name:
                lines = lines_of(script.source)
                return lines[line - 1].strip() if 0 < line <= len(lines) else ""
        return ""


class Job:
    """One call of `Sandbox.run` until it is settled."""

    __slots__ = (
        "closed",
        "cpu_ms",
        "deadline",
        "fallback_only",
        "future",
        "given",
        "host",
        "host_calls",
        "record",
        "sent",
        "version",
    )

    def __init__(
        self,
        version: Version,
        given: msgspec.Raw,
        host: Host,
        future: asyncio.Future[Outcome],
        deadline: float,
        cpu_ms: int,
        fallback_only: bool,
        kind: str = "",
    ) -> None:
        self.version = version
        self.record = version.record(kind)
        self.given = given
        self.host = host
        self.future = future
        self.deadline = deadline
        self.cpu_ms = cpu_ms
        self.fallback_only = fallback_only
        self.host_calls = 0
        """Host calls it has made: after the first, it is never run again."""
        self.sent = 0.0
        self.closed = False
        """Whether its caller has been answered, or has gone."""
        version.open += 1

    def abandon(self) -> None:
        """Forget it: its caller has gone."""
        if not self.closed:
            self.closed = True
            self.version.settle()

    def finish(self, finished: frames.Finished) -> None:
        """Give the caller its outcome."""
        self.abandon()
        if not self.future.done():
            logs = [LogLine(*entry) for entry in finished.logs] if finished.logs else []
            self.future.set_result(
                Outcome(
                    finished.result,
                    logs,
                    finished.cpu_us,
                    finished.host_calls,
                    finished.stage,
                    tuple(finished.ran),
                )
            )

    def fail(self, kind: FailureKind, message: str, failed: frames.Failed | None = None) -> None:
        """Give the caller a ScriptFailed."""
        self.abandon()
        if self.future.done():
            return
        if failed is None:
            self.future.set_exception(ScriptFailed(kind, message))
            return
        self.future.set_exception(
            ScriptFailed(
                kind,
                message,
                name=failed.name,
                line=failed.line,
                source=self.version.source_line(failed.name, failed.line),
                logs=[LogLine(*entry) for entry in failed.logs],
            )
        )
