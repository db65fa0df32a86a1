"""Turns of the shipped default script: the greeting, the check of a PIN, and those that tell alarms."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final
from urllib.request import Request, urlopen
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

    from hosts import Host

ALARMS: Final = 5


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
    taken: dict[str, list[float]] = {"greeting": [], "pin": [], "summary": [], "reading": []}
    with running("tocsin", write_plant(folder, None)) as host:
        _raise_alarms(host)
        for number in range(calls + 3):
            for turn, latency_s in _one_call(host, f"CA{number:032x}"):
                if number >= 3:
                    taken[turn].append(latency_s * 1000)
    yield _figure("greeting, first turn of a call, p50", taken["greeting"], 0.5)
    yield _figure(f"summary of {ALARMS} alarms, p50", taken["summary"], 0.5)
    yield _figure(f"reading one of {ALARMS} alarms, p50", taken["reading"], 0.5)
    yield _figure("PIN turn, p95", taken["pin"], 0.95, most=150)


def _figure(what: str, taken: list[float], at: float, *, most: float | None = None) -> Figure:
    other = 0.95 if at == 0.5 else 0.5
    note = f"p{other * 100:.0f} {quantile(taken, other):.1f} ms"
    return Figure("default", what, quantile(taken, at), "ms", most=most, note=note)


def _raise_alarms(host: Host) -> None:
    """Have alarms open, so that there is something to read; nobody is there to be called about them."""
    token = (host.folder / ".tocsin" / "cli-token").read_text().strip()
    events = [
        {"path": f"Plant/Pump {at}/High level", "state": "active", "value": 93.4, "data": {"unit": "%"}}
        for at in range(ALARMS)
    ]
    request = Request(
        f"http://127.0.0.1:{host.port}/api/v1/alarms",
        data=json.dumps(events).encode(),
        headers={"authorization": f"Bearer {token}", "content-type": "application/json"},
    )
    with urlopen(request) as answer:
        assert answer.status == 202, answer.status


def _one_call(host: Host, sid: str) -> Iterator[tuple[str, float]]:
    """Call in, enter the PIN and hear the first alarm; give each turn with how long it took (s)."""
    body = ""
    for turn, says in (("greeting", "PIN"), ("pin", ""), ("summary", "alarms"), ("reading", "Press")):
        if turn == "greeting":
            asked = webhook("inbound", sid=sid, caller=MARIA)
        else:
            action, ref, query = _next(body)
            entered = {"Digits": PIN} if turn == "pin" else {}
            asked = webhook(action, sid=sid, caller=MARIA, ref=ref, query=query, **entered)
        answered = ask(host.port, asked.fresh())
        body = answered.body
        assert says in body, body
        yield turn, answered.latency_s


def _next(body: str) -> tuple[str, str, str]:
    """Return where an answer leads: the action, the id and the query of its next webhook."""
    document = ElementTree.fromstring(body)
    gather, redirect = document.find("Gather"), document.find("Redirect")
    url = gather.get("action", "") if gather is not None else (redirect is not None and redirect.text) or ""
    led = re.fullmatch(rf"{re.escape(BASE)}/main/system/twilio-voice/(\w+)/([^/?]+)\?([^#]*)#.*", url)
    assert led is not None, body
    action, ref, query = led.groups()
    return action, ref, query
