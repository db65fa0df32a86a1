"""On a plant's network a web proxy is the way out; what is on this machine is never asked through it."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator

import pytest
from tests.plant import write_project
from tests.serving import served

PROXIES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Name a web proxy in the environment, as a plant does; give what it is asked for."""
    asked: list[str] = []

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.command} {self.path} {self.headers['authorization']}")
            self.send_error(403)

        do_POST = do_GET  # noqa: N815  the name that the library calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    for name in PROXIES:
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.server_port}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_alarm_is_raised_past_the_proxy(tocsin, tmp_path, proxied):
    """The local token, which may do everything, goes to the gateway alone."""
    folder = write_project(tmp_path / "plant")
    with served(folder, dev=False):
        raised = tocsin("alarm", "raise", "Plant/Pump 2/High level", "--project", folder)

        assert (raised.code, raised.err) == (0, "")
        assert "High level" in tocsin("alarm", "list", "--project", folder).out
    assert proxied == []


def test_the_demonstration_needs_no_network_and_asks_none(tocsin, proxied):
    """Its Twilio is on this machine."""
    shown = tocsin("demo", "--script", "--speed", 40)

    assert shown.code == 0, shown.err
    assert "acknowledged by jon" in shown.out
    assert proxied == []


def test_a_gateway_on_an_ipv6_address_is_found(tocsin, tmp_path):
    """Its address is written as a URL has it."""
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError as error:
            pytest.skip(f"no IPv6 on this machine: {error}")
    folder = write_project(tmp_path / "plant")
    with served(folder, "--host", "::1", dev=False) as (url, _):
        assert url.startswith("http://[::1]:")
        assert tocsin("alarm", "raise", "Plant/Pump 2/High level", "--project", folder).code == 0
