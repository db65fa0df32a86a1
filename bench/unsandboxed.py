"""The baseline: the same gateway, the same record, but scripts are plain functions in its own process.

Everything up to `Sandbox.run` and from its outcome on is the product's own code, and so is the interface that
a script finds: what remains to compare is the sandbox. Run as
`python unsandboxed.py FOLDER`; never near a real telephone.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvloop

from tocsin.calls import vocabulary
from tocsin.calls.inprocess import PlainScripts
from tocsin.gateway import checks, logs
from tocsin.gateway.gateway import Gateway
from tocsin.gateway.serving import bound, serve
from tocsin.sandbox.script import LogLine, Outcome, Program, ScriptFailed

if TYPE_CHECKING:
    from tocsin.calls.services import Services
    from tocsin.sandbox.host import Host
    from tocsin.sandbox.sandbox import Sandbox


def _no_host_calls(name: str, args: list[Any]) -> Any:
    raise RuntimeError(f"{name}{args}: this baseline answers turns without effects only")


class Unsandboxed:
    """Runs programs as plain Python: compiled once, no guard, no limit, no process of their own."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._codes: dict[str, tuple[PlainScripts, PlainScripts]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sandbox, name)

    def _compiled(self, key: str, program: Program) -> tuple[PlainScripts, PlainScripts]:
        made = (
            PlainScripts(program.scripts, program.modules),
            PlainScripts(program.fallback, program.fallback_modules),
        )
        self._codes[key] = made
        return made

    def run(
        self,
        domain: str,
        key: str,
        given: dict[str, Any],
        host: Host,
        *,
        fallback_only: bool = False,
        **_: Any,
    ) -> asyncio.Future[Outcome]:
        """Run one turn now; what is returned is done already."""
        del host
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        found = self._codes.get(key)
        if found is None:
            # The bench reads what the sandbox keeps to itself, rather than have it offer this to anybody.
            version, _submit = self._sandbox._versions[domain, key]  # noqa: SLF001  see above
            found = self._compiled(key, version._program)  # noqa: SLF001  see above
        log: list[LogLine] = []
        try:
            future.set_result(self._turn(*found, given, log, fallback_only=fallback_only))
        except Exception as error:  # noqa: BLE001  as the sandbox does: the turn fails, the server does not
            future.set_exception(ScriptFailed("exception", repr(error)))
        return future

    @staticmethod
    def _turn(
        scripts: PlainScripts,
        fallback: PlainScripts,
        given: dict[str, Any],
        log: list[LogLine],
        *,
        fallback_only: bool,
    ) -> Outcome:
        turn = vocabulary.open_turn(
            given, _no_host_calls, lambda level, text: log.append(LogLine("", 0, level, text))
        )
        ran = [] if fallback_only else scripts.run(turn)
        stage = "scripts"
        if fallback_only or turn.blank():
            stage = "fallback"
            ran += fallback.run(turn)
        return Outcome(turn.finish(), log, 0, 0, stage, tuple(ran))


class UnsandboxedGateway(Gateway):
    """The product's gateway with that one part replaced."""

    def _services(self, *args: Any) -> Services:
        services = super()._services(*args)
        services.sandbox = Unsandboxed(services.sandbox)  # type: ignore[assignment]  # the same by shape
        return services


async def main() -> None:
    """Serve a folder as `tocsin serve` does."""
    folder = Path(sys.argv[1])
    sock = bound("127.0.0.1:0")
    listen = f"127.0.0.1:{sock.getsockname()[1]}"
    gateway = UnsandboxedGateway(folder, listen=listen, loaded=checks.read(folder))
    await serve(gateway, sock, ready=lambda url: print(f"unsandboxed at {url}", flush=True))


if __name__ == "__main__":
    logs.configure(plain=False)
    uvloop.run(main())
