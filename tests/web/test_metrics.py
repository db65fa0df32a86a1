"""`/metrics` shows a monitor how the gateway is, and shows it to nobody else."""

from __future__ import annotations

import re

import httpx2
import pytest
from tests.plant import MARIA, open_line, write_project

from tocsin.gateway.serving import application
from tocsin.web.metrics import Metric, Sample, written
from tocsin.web.tokens import create_in

HERE, ELSEWHERE = ("127.0.0.1", 5000), ("203.0.113.7", 5000)
LINE = re.compile(r'[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? -?[0-9.e+-]+')


@pytest.fixture
async def line(tmp_path):
    async with open_line(write_project(tmp_path / "plant", {"10.py": ""}), watch=False) as line:
        yield line


async def metrics(line, peer, *, asked="127.0.0.1:8088", **headers):
    """Ask for the metrics as a peer at an address; `asked` is the host it was sent to."""
    transport = httpx2.ASGITransport(app=application(line.gateway), client=peer)
    async with httpx2.AsyncClient(transport=transport, base_url=f"http://{asked}") as client:
        return await client.get("/metrics", headers=headers)


async def test_a_monitor_on_this_machine_sees_calls_alarms_and_turns(line):
    """Every line is one that Prometheus reads, and the numbers are those of the gateway."""
    await line.raise_alarm()
    caller = await line.call_from(MARIA).dials()

    shown = await metrics(line, HERE)

    assert shown.headers["content-type"].startswith("text/plain; version=0.0.4")
    values = [one for one in shown.text.splitlines() if not one.startswith("#")]
    assert all(LINE.fullmatch(one) for one in values), values
    assert {"tocsin_ready 1", "tocsin_database_up 1", "tocsin_alarms_open 1", "tocsin_calls 1"} <= set(values)
    assert 'tocsin_sandbox_events_total{event="turns"} 1' in values
    assert 'tocsin_sandbox_state{domain="default",state="ready"}' in shown.text

    await caller.hangs_up()
    assert "tocsin_calls 0" in (await metrics(line, HERE)).text.splitlines()


async def test_a_reason_not_to_be_ready_is_a_sample_of_its_own(line):
    """An alert can name the code."""
    line.gateway.dev = False

    shown = (await metrics(line, HERE)).text.splitlines()

    assert {"tocsin_ready 0", 'tocsin_unready{code="emulator"} 1'} <= set(shown)


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        (ELSEWHERE, {}),
        (HERE, {"x-forwarded-for": "203.0.113.7"}),
        (HERE, {"via": "1.1 proxy"}),
        (HERE, {"host": "alarms.example.com"}),
        (HERE, {"host": ""}),
        (HERE, {"host": "[::1"}),
        (None, {}),
    ],
)
async def test_others_need_a_token(line, peer, headers):
    """Another machine, and whoever a proxy on this one lets through."""
    refused = await metrics(line, peer, **headers)
    assert refused.status_code == 401
    assert "tocsin_" not in refused.text

    token = await line.gateway.services.db.write(lambda conn: create_in(conn, "monitor", ["read"], now_ms=1))
    shown = await metrics(line, peer, authorization=f"Bearer {token}", **headers)
    assert shown.status_code == 200


@pytest.mark.parametrize("asked", ["localhost:8088", "[::1]:8088", "127.0.0.1"])
async def test_a_program_of_this_machine_asks_by_any_of_its_own_names(line, asked):
    """As Prometheus is told to; without a token."""
    assert (await metrics(line, HERE, asked=asked)).status_code == 200


def test_a_label_cannot_break_out_of_its_line():
    """A project's folder may be called anything."""
    text = written(
        [
            Metric(
                "tocsin_x",
                "gauge",
                "What\nit is.",
                (Sample(1.5, {"project": 'a"b\\c\nd'}), Sample(12345678.0)),
            )
        ]
    )

    assert text.splitlines()[0] == "# HELP tocsin_x What\\nit is."
    assert text.splitlines()[2] == 'tocsin_x{project="a\\"b\\\\c\\nd"} 1.5'
    assert text.endswith("tocsin_x 12345678\n")
