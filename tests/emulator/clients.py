"""The official clients, unmodified, behind one door, so that the same scenario is driven by each of them.

client = await clients.python(url)
call = await client.ask(["calls"], "create", to="+46701234567", from_="+15005550006", url=...)
await client.ask(["calls", call["sid"]], "update", status="completed")
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import threading
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tests.emulator import references
from tests.emulator.conftest import ACCOUNT, TOKEN
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

_CAPITAL = re.compile(r"(?<=[a-z0-9])([A-Z])")


class RefusedByTwilioError(Exception):
    """What either client raises for an answer of 400 or above: Twilio's code and the HTTP status."""

    def __init__(self, code: int, status: int) -> None:
        super().__init__(f"{status} {code}")
        self.code, self.status = code, status


class PythonClient:
    """twilio-python."""

    name = "twilio-python"

    def __init__(self) -> None:
        self._http = TwilioHttpClient(timeout=15)

    async def ask(
        self,
        base: str,
        chain: list[str],
        method: str,
        given: dict[str, Any],
        *,
        token: str = TOKEN,
        account: str = ACCOUNT,
    ) -> Any:
        """Do one thing with one resource, in a thread, as a product does."""
        client = Client(account, token, http_client=self._http)
        client.api.base_url = base
        found: Any = client
        for at in range(0, len(chain), 2):
            found = getattr(found, chain[at])
            found = found(chain[at + 1]) if chain[at + 1 : at + 2] not in ([], [""]) else found
        try:
            return _plain(await asyncio.to_thread(getattr(found, method), **given))
        except TwilioRestException as error:
            raise RefusedByTwilioError(error.code or 0, error.status) from None
        except TwilioException as error:
            # A list that is refused says so without a code; the answer is its second argument.
            raise RefusedByTwilioError(0, error.args[1].status_code) from None

    def close(self) -> None:
        """Let go of its connections."""
        self._http.session.close()


def _plain(value: Any) -> Any:
    """Give what a resource of the library shows as plain data."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return {
        name.rstrip("_"): one if not isinstance(one, (date, datetime)) else one.isoformat()
        for name, one in vars(value).items()
        if not name.startswith("_")
    }


class NodeClient:
    """twilio-node, in a process of its own."""

    name = "twilio-node"

    def __init__(self) -> None:
        modules = references.packages()
        self._turn = threading.Lock()
        self._process = subprocess.Popen(
            ["node", str(Path(__file__).with_name("node") / "client.js")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "NODE_PATH": str(modules)},
        )

    async def ask(
        self,
        base: str,
        chain: list[str],
        method: str,
        given: dict[str, Any],
        *,
        token: str = TOKEN,
        account: str = ACCOUNT,
    ) -> Any:
        """Do one thing with one resource; names of arguments are those of the Python library."""
        asked = {
            "base": base, "account": account, "token": token, "chain": [_camel(one) for one in chain],
            "method": "remove" if method == "delete" else method,
            "given": {_camel(name.rstrip("_")): one for name, one in given.items()},
        }  # fmt: skip
        answer = await asyncio.to_thread(self._exchanged, json.dumps(asked))
        if "refused" in answer:
            raise RefusedByTwilioError(answer["refused"]["code"] or 0, answer["refused"]["status"])
        assert "ok" in answer, answer["broken"]
        return _snaked(answer["ok"])

    def _exchanged(self, line: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._turn:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End its process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name) if name.islower() else name


def _snaked(value: Any) -> Any:
    if isinstance(value, list):
        return [_snaked(one) for one in value]
    if isinstance(value, dict):
        return {_CAPITAL.sub(r"_\1", name).lower(): one for name, one in value.items()}
    return value


MAKERS = {"twilio-python": PythonClient, "twilio-node": NodeClient}
