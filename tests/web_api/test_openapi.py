"""The OpenAPI document and the API say the same, whatever a client comes up with."""

import asyncio
import subprocess
import sys
import threading

import msgspec
import pytest
import uvicorn

from tocsin.web.api.door import OPERATIONS


async def test_the_document_describes_every_operation(api, app):
    """It needs no token, and names each path, method, scope and answer."""
    answer = await api.get("/api/openapi.json", headers={"authorization": ""})

    document = answer.json()
    assert answer.status_code == 200
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == {(one.method, one.path.replace("+}", "}")) for one in OPERATIONS}
    assert document["openapi"].startswith("3.1")
    event = document["components"]["schemas"]["AlarmEventBody"]
    assert event["required"] == ["path", "state"]
    assert set(event["properties"]) == {
        "path",
        "name",
        "priority",
        "pipeline",
        "state",
        "value",
        "label",
        "data",
    }


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_has_examples_that_fit(operation):
    """What the document shows as a request and as an answer is one."""
    shape, _ = next(iter(operation.answers.values()))
    assert operation.gives is not None
    msgspec.convert(operation.gives, shape, strict=True)
    assert (operation.asks is None) == (operation.body is None)
    if operation.body is not None:
        msgspec.convert(operation.asks, operation.body, strict=True)


class Served:
    """The application on a real port, in a thread of its own."""

    def __init__(self, app):
        config = uvicorn.Config(app, port=0, log_config=None, lifespan="off")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=lambda: asyncio.run(self.server.serve()))

    def __enter__(self):
        self.thread.start()
        while not self.server.started:
            self.thread.join(0.01)
        (socket,) = self.server.servers[0].sockets
        return f"http://127.0.0.1:{socket.getsockname()[1]}"

    def __exit__(self, *_):
        self.server.should_exit = True
        self.thread.join()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_no_request_finds_a_difference(app, token, tmp_path):
    """Valid and broken requests for every operation, in order and in sequence: the document holds."""
    with Served(app) as base:
        done = subprocess.run(
            [
                sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()",
                "run", f"{base}/api/openapi.json", "--header", f"Authorization: Bearer {token}",
                "--max-examples", "20", "--seed", "7", "--generation-deterministic", "--no-color",
            ],
            capture_output=True, text=True, timeout=300, check=False, cwd=tmp_path,
        )  # fmt: skip

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
