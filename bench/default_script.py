"""Turns of the shipped default script: the greeting, and the turn that checks a PIN."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from burst import write_requests
from figures import Figure, quantile, ratio
from hosts import running
from paced import ask
from plants import BASE, MARIA, PIN, write_plant
from throughput import Effort, all_running, compared, warmed_up
from webhooks import webhook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def measure(folder: Path, effort: Effort, calls: int) -> Iterator[Figure]:
    """Yield the ratio of the default's greeting to the same in a plain process, and what a PIN turn takes."""
    webhooks = [webhook("nothing", caller=MARIA) for _ in range(1000)]
    requests = write_requests(folder / "greeting.requests", webhooks)
    with all_running(folder, ["unsandboxed", "tocsin"], None) as hosts:
        for host in hosts:
            warmed_up(host, requests, len(webhooks))
        rounds = compared(hosts, requests, connections=16, effort=effort)
    yield ratio(
        "default",
        "greeting: of a plain function's requests/s, 16 conn.",
        rounds.ratios(1, 0),
        least=None,
        note=f"{rounds.rate(1):.0f}/s{rounds.note}",
    )
    yield from _pins(folder / "pins", calls)


def _pins(folder: Path, calls: int) -> Iterator[Figure]:
    greeted, entered = [], []
    with running("tocsin", write_plant(folder, None)) as host:
        for number in range(calls + 3):
            sid = f"CA{number:032x}"
            greeting = ask(host.port, webhook("inbound", sid=sid, caller=MARIA).fresh())
            gather = ElementTree.fromstring(greeting.body).find("Gather")
            assert gather is not None, greeting.body
            asked = re.fullmatch(
                rf"{re.escape(BASE)}/main/system/twilio-voice/(\w+)/([^/?]+)\?([^#]*)#.*",
                gather.get("action", ""),
            )
            assert asked is not None, greeting.body
            action, ref, query = asked.groups()
            checked = ask(
                host.port, webhook(action, sid=sid, caller=MARIA, ref=ref, query=query, Digits=PIN).fresh()
            )
            assert "not recognised" not in checked.body, checked.body
            if number >= 3:
                greeted.append(greeting.latency_s * 1000)
                entered.append(checked.latency_s * 1000)
    note = f"p95 {quantile(greeted, 0.95):.1f} ms"
    yield Figure("default", "greeting, first turn of a call, p50", quantile(greeted, 0.5), "ms", note=note)
    note = f"p50 {quantile(entered, 0.5):.1f} ms"
    yield Figure("default", "PIN turn, p95", quantile(entered, 0.95), "ms", most=150, note=note)
