"""What the tests of the process half share: programs in one line, hosts, and a vocabulary's name."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

from tocsin.sandbox.host import HostRefused
from tocsin.sandbox.script import Program, Script

PLAIN = "tests.sandbox.plain_vocabulary"
CHILDLESS = "tests.sandbox.childless_vocabulary"
RAW = "tests.sandbox.raw_vocabulary"

_keys = itertools.count(1)


def program(*sources: str, modules: dict[str, str] | None = None, fallback: str | None = None) -> Program:
    """Make a program of scripts 10_.py, 20_.py and so on, with a key of its own."""
    return Program(
        key=f"release-{next(_keys)}",
        scripts=tuple(Script(f"{number}0_.py", source) for number, source in enumerate(sources, 1)),
        modules=tuple(Script(f"{name}.py", source) for name, source in (modules or {}).items()),
        fallback=() if fallback is None else (Script("fallback.py", fallback),),
    )


class Host:
    """Answers `echo`, `wait`, `refuse`, `break`, `odd` and `stop`, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[Any]]] = []
        self.finished: list[str] = []
        self.opened = asyncio.Event()

    async def ask(self, name: str, args: list[Any]) -> Any:
        self.asked.append((name, args))
        match name:
            case "wait":
                await asyncio.sleep(args[0])
            case "gate":
                await self.opened.wait()
            case "refuse":
                raise HostRefused("that is not allowed here")
            case "break":
                raise KeyError("secret detail of the server")
            case "odd":
                return object()
        self.finished.append(name)
        return args


async def run(
    sandbox: Any, domain: str, made: Program, given: dict[str, Any] | None = None, **options: Any
) -> Any:
    """Publish (once) and run one turn."""
    problems = await sandbox.publish(domain, made)
    assert problems == []
    options.setdefault("wall_s", 1.7)
    host = options.pop("host", None) or Host()
    return await sandbox.run(domain, made.key, given or {}, host, **options)


async def until(condition: Any, *, within_s: float = 5.0) -> None:
    """Return once `condition()` is true; AssertionError where it does not become so in time."""
    for _ in range(int(within_s / 0.005)):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("what was waited for did not happen")
