"""A plant on a small disk of its own: argv[1] is its folder. Tells as JSON what happened when it was full.

Run as root of a mount namespace of its own. The disk is filled, and freed again, while alarms come in.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
from tests.faults.checker import check
from tests.faults.stand import LAST_RESORT, Stand, free_port, rows, standing
from tests.serving import ROOT

SPEED = 20
CREWS = 9


def asked(stand: Stand, number: int) -> tuple[int, str]:
    """Report one alarm once; give the status and what the Retry-After header says."""
    token = (stand.plant / ".tocsin" / "cli-token").read_text().strip()
    crew = number % CREWS
    event = {"path": f"Plant/Crew {crew}/Full {number}", "state": "active", "pipeline": f"crew{crew}"}
    answer = httpx2.post(
        f"{stand.gateway.url}/api/v1/alarms",
        json=event,
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
    )
    if answer.status_code == 202:
        stand.driver.accepted[event["path"]] = answer.json()
    return answer.status_code, answer.headers.get("retry-after", "")


def full(stand: Stand, ballast: Path) -> dict[str, Any]:
    """Fill the disk, and see what becomes of alarms, of people in calls, and of the last resort."""
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    answers = [asked(stand, number) for number in range(60)]
    until = time.monotonic() + 30
    while time.monotonic() < until:
        calls = stand.provider.received()["calls"]
        if rung := [one for one in calls if one["to"] == LAST_RESORT]:
            break
        time.sleep(0.2)
    ready = httpx2.get(f"{stand.gateway.url}/readyz", timeout=20)
    return {
        "refused": sum(status == 503 for status, _ in answers),
        "other answers": sorted({status for status, _ in answers} - {202, 503}),
        "retry after": sorted({after for status, after in answers if status == 503}),
        "last resort rung": len(rung),
        "ready": [ready.status_code, ready.text],
    }


def read_only(stand: Stand) -> dict[str, Any]:
    """Let the disk be read-only, and see what a gateway says that is started over it."""
    disk = str(stand.plant / ".tocsin")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    serve = [sys.executable, "-m", "tocsin", "serve", str(stand.plant), "--port", str(free_port())]
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "runtime")}
    refused = subprocess.run(serve, check=False, capture_output=True, text=True, timeout=60, env=environ)
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    return {"status": refused.returncode, "said": refused.stderr[-2000:]}


def main(folder: Path) -> None:
    (folder / "plant" / ".tocsin").mkdir(parents=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "none", str(folder / "plant" / ".tocsin")], check=True
    )
    with standing(folder, crews=CREWS, speed=SPEED) as stand:
        stand.gateway.start()
        stand.driver.keep_raising(at_once=6)
        while len(stand.driver.accepted) < 10:
            time.sleep(0.05)
        ballast = stand.plant / ".tocsin" / "ballast"
        told = {"full": full(stand, ballast)}
        for _ in range(3):  # a gateway that is killed and started on a full disk
            stand.gateway.kill()
            stand.gateway.begin()
            told["started while full"] = stand.gateway.is_up()
        ballast.unlink()
        if not stand.gateway.alive():
            stand.gateway.start()
        left = stand.finish(120)
        verdict = check(stand.plant, stand.driver.accepted, stand.provider.received(), settled=not left)
        stand.gateway.kill()
        told["read only"] = read_only(stand)
        stand.gateway.start()
        told["journal"] = rows(stand.plant, "select count(*) n from ts_journal")[0]["n"]
        stand.gateway.stop()
    print(json.dumps({**told, "findings": verdict.findings, "told": verdict.told(), "left": left}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
