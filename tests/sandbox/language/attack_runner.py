"""Runs hostile scripts, each in a forked process of its own; prints `name<TAB>outcome<TAB>text` for each.

Called by test_attacks with the files as arguments. The few words the scripts use stand in for a product's
vocabulary; the limits are those a worker has, roughly.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

from tocsin.sandbox import failures, library
from tocsin.sandbox.guards import Guards
from tocsin.sandbox.namespaces import Namespace
from tocsin.sandbox.policy import Compiled, compile_script
from tocsin.sandbox.script import Script


class Call:
    """Has one method, and hides everything else."""

    def acknowledge(self, pin):
        return False


class Logger:
    """Looks like the standard library's on the inside."""

    handlers = manager = ()

    def info(self, text):
        pass

    def setLevel(self, level):
        raise AssertionError("reached")


GUARDS = Guards({Call: frozenset({"acknowledge"}), Logger: frozenset({"info"})})
SYSTEM = Namespace("system", {"util": Namespace("util", {"getLogger": lambda name: Logger()})})


def outcome(source: str, name: str) -> tuple[str, str]:
    compiled = compile_script(Script(name, source), frozenset())
    if not isinstance(compiled, Compiled):
        return "rejected", str(compiled[0])
    words = {"params": {"From": "+46701234567"}, "call": Call(), "system": SYSTEM, "response": ""}
    left = GUARDS.globals(words, lambda name: None, lambda line: None)
    try:
        exec(compiled.code, left)
    except Exception as error:
        return "exception", failures.sentence(error)
    return "harmless", str(left["response"])


def main() -> None:
    library.preload()
    for path in map(Path, sys.argv[1:]):
        if os.fork() == 0:
            resource.setrlimit(resource.RLIMIT_CPU, (5, 5))
            resource.setrlimit(resource.RLIMIT_AS, (300 << 20, 300 << 20))
            kind, text = outcome(path.read_text("utf-8"), path.name)
            text = " ".join(text.split())[:300].encode("ascii", "replace").decode()
            os.write(1, f"{path.stem}\t{kind}\t{text}\n".encode())
            os._exit(0)
        status = os.wait()[1]
        if status:
            os.write(1, f"{path.stem}\tdied\t{status}\n".encode())


if __name__ == "__main__":
    main()
