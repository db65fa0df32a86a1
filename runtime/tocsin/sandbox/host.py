"""The one door from a running script back to the process that started it.

A vocabulary turns what a script calls (`call.acknowledge(...)`) into `ask(name, args)`; the worker
carries that to the server, where the call's own Host answers. No implementation lives here.
"""

from __future__ import annotations

from typing import Any, Protocol

from tocsin.errors import TocsinError


class HostRefused(TocsinError):  # noqa: N818 - says what happened, as ScriptFailed does
    """A host call that is not carried out; its text is what the script's author reads.

    Raised by a Host in the server, and raised again with the same text inside the script.
    """


class Host(Protocol):
    """What one turn may ask of the server."""

    async def ask(self, name: str, args: list[Any]) -> Any:
        """Carry out the host call `name` ("call.acknowledge") and return plain JSON-like data.

        `name` and `args` come from user code and are checked for shape only (a string of at most 100
        characters; JSON values), so an implementation looks `name` up in its own table and checks every
        argument. Raises HostRefused to raise an error with that text in the script.

        Never cancelled by the sandbox: a turn that is past its deadline fails while this settles.
        """
