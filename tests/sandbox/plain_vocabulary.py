"""The smallest vocabulary that is of use: what the sandbox's own tests let scripts say.

A script sees `given` (what the test passed in), `response`, `ask(name, *args)`, `note(level, text)` and
`memory`, a dict kept through the chain. The turn's result is {"response": ..., "memory": ...}.
"""

from __future__ import annotations

from typing import Any


class Memory(dict):
    """A dict that scripts may write to."""


ATTRIBUTES: dict[type, frozenset[str]] = {Memory: frozenset({"get", "keys", "items", "values"})}
WRITABLE: frozenset[type] = frozenset({Memory})


def open_turn(given: dict[str, Any], ask: Any, log: Any) -> Turn:
    return Turn(given, ask, log)


class Turn:
    def __init__(self, given: dict[str, Any], ask: Any, log: Any) -> None:
        self._given = given
        self._ask = ask
        self._log = log
        self._memory = Memory(given.get("memory", {}))
        self._response = given.get("response", "")

    def globals(self, name: str) -> dict[str, Any]:
        return {
            "given": self._given,
            "response": self._response,
            "memory": self._memory,
            "script_name": name,
            "ask": lambda name, *args: self._ask(name, list(args)),
            "note": self._log,
        }

    def after(self, script_globals: dict[str, Any]) -> None:
        response = script_globals.get("response")
        if not isinstance(response, str):
            raise TypeError(f"response must be text, not {type(response).__name__}")
        self._response = response

    def blank(self) -> bool:
        return not self._response.strip()

    def finish(self) -> dict[str, Any]:
        return {"response": self._response, "memory": dict(self._memory)}
