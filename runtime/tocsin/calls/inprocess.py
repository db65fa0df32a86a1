"""The last level of the default answer: the shipped script, byte-identical, run inside the gateway.

Only ever the file tocsin ships; a project's script never comes here. It is used when the lockdown does not
hold or no worker takes the default in time, so that a call acknowledges even then.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tocsin.calls import vocabulary
from tocsin.sandbox.script import LogLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.calls.host import TurnHost
    from tocsin.sandbox.script import Script


class InProcessDefault:
    """The shipped scripts, compiled once by plain Python."""

    def __init__(self, scripts: Sequence[Script]) -> None:
        self._codes = [(one.name, compile(one.source, one.name, "exec")) for one in scripts]

    async def run(
        self, given: dict[str, Any], host: TurnHost, *, wall_s: float
    ) -> tuple[dict[str, Any], list[LogLine]]:
        """Answer one turn within `wall_s` seconds; TimeoutError or the script's own error otherwise."""
        loop = asyncio.get_running_loop()
        logs: list[LogLine] = []

        def ask(name: str, args: list[Any]) -> Any:
            return asyncio.run_coroutine_threadsafe(host.ask(name, args), loop).result(timeout=wall_s)

        def work() -> dict[str, Any]:
            turn = vocabulary.open_turn(
                given, ask, lambda level, text: logs.append(LogLine("default", 0, level, text))
            )
            for name, code in self._codes:
                names = turn.globals(name)
                names["print"] = lambda *values: logs.append(
                    LogLine("default", 0, "info", " ".join(map(str, values)))
                )
                exec(code, names)  # noqa: S102  the shipped default only, never a user's script
                turn.after(names)
            return turn.finish()

        return await asyncio.wait_for(asyncio.to_thread(work), wall_s), logs
