"""The operation that runs a script by hand, for commands on the gateway's own machine alone."""

from __future__ import annotations

from typing import Final

from tocsin.sandbox.script import Script
from tocsin.web.api import models
from tocsin.web.api.once import once_beyond
from tocsin.web.api.operations import Asked, Operation, Reply
from tocsin.web.api.people import user_of


async def run(asked: Asked) -> Reply:
    """Run a script in a sandbox of its own, as a user of the plant."""
    body: models.RunBody = asked.read(models.RunBody)
    user = user_of(asked.services.directory(), body.user)
    manual = asked.services.manual
    script = Script(body.name, body.source)
    modules = [Script(name, source) for name, source in body.modules.items()]

    async def act() -> Reply:
        ran = await manual.run(script, modules, user=user, params=body.params, by=asked.token.name)
        lines = [
            models.ScriptLine(file=one.name, line=one.line, level=one.level, text=one.text) for one in ran.log
        ]
        failure = models.ScriptFailure(**ran.failure) if ran.failure else None
        return Reply(
            200,
            models.ScriptRan(run=ran.id, ok=failure is None, log=lines, failure=failure, took_ms=ran.took_ms),
        )

    return await once_beyond(asked, act)


OPERATIONS: Final = (
    Operation(
        "POST", "/api/v1/run", "admin", "runScript",
        "Run a script with system.*, as a user; only for commands on the gateway's own machine.",
        run, {200: (models.ScriptRan, "How it ended; `failure` says where it did not come to its end.")},
        body=models.RunBody, local=True,
        asks={"name": "hello.py", "source": "print(system.roster.getRosterNames())\n", "user": "maria"},
        gives={
            "run": "Ykq9w0l3t2", "ok": True, "failure": None, "took_ms": 640.5,
            "log": [{"file": "hello.py", "line": 1, "level": "info", "text": "['operations']"}],
        },
    ),
)  # fmt: skip
