"""What the emulator costs: many emulated calls at once on the virtual clock, each a PIN conversation.

    .venv/bin/python bench/emulator.py [--calls 1000] [--against bare|gateway] [--short] [--json]

The emulator runs in this process on one core; the product and whoever places the calls on another. Time does
not move before all calls are under way, so they are truly at once. A conversation is one REST request, four
status callbacks and two documents: the question, and the answer to the PIN. Nothing here fails because of a
figure; it ends with 1 only where a conversation did not end as it should.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "runtime"))

import uvloop  # noqa: E402  the path has to be there first
from bare_product import ACCOUNT, NUMBER, TOKEN, phone  # noqa: E402
from figures import Figure, header  # noqa: E402
from processes import Others, cpu_s  # noqa: E402

from tocsin.clock import VirtualClock  # noqa: E402
from tocsin.emulator import Emulator  # noqa: E402
from tocsin.emulator.serve import served  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

PRODUCT: Final = str(ROOT / "bench" / "bare_product.py")
STEPS: Final = [{"hear": "PIN"}, {"press": "4711#"}, {"hear": "acknowledged"}]
PLANT: Final = """
[gateway]
name = "Riverside"
[twilio_profiles.plant]
account_sid = "{account}"
auth_token = "{token}"
external_hostname = "http://127.0.0.1:{port}"
phone_number = "{number}"
api_base = "emulator"
[voice_profiles.phone]
twilio_profile = "plant"
project = "."
"""
SCRIPT: Final = """
if callAction == "answer":
    turn = VoiceResponse()
    turn.gather(action=call.url("pin"), timeout=5).say("Pump 2 high level. Enter your PIN and press hash.")
    response = turn
elif callAction == "pin" and Digits == "4711":
    response = "<Response><Say>Thank you. The alarm is acknowledged.</Say><Hangup/></Response>"
elif callAction == "pin":
    response = "<Response><Say>Wrong.</Say><Hangup/></Response>"
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: how many calls, seconds they took, and seconds of processor time on both sides."""

    calls: int
    placing_s: float
    wall_s: float
    emulator_s: float
    product_s: float
    others: float


def _cores() -> tuple[set[int], set[int]]:
    """Return one core for the emulator and the others for everything else; all of them where there is one."""
    cores = sorted(os.sched_getaffinity(0))
    return ({cores[0]}, set(cores[1:])) if len(cores) > 1 else (set(cores), set(cores))


@contextlib.contextmanager
def _process(command: list[str], cores: set[int], **options: object) -> Iterator[subprocess.Popen[str]]:
    """Run a program on some cores while the body runs."""
    process = subprocess.Popen(  # type: ignore[call-overload]
        [sys.executable, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options
    )
    os.sched_setaffinity(process.pid, cores)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(15)


@contextlib.contextmanager
def _bare(cores: set[int], _: Path) -> Iterator[tuple[str, str, int]]:
    with _process([PRODUCT, "serve"], cores) as process:
        assert process.stdout is not None
        base = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        yield f"{base}/answer#rc=2&rp=all", f"{base}/status#rc=2&rp=all", process.pid


@contextlib.contextmanager
def _gateway(cores: set[int], folder: Path) -> Iterator[tuple[str, str, int]]:
    """Serve a real gateway whose script asks for the PIN, with every turn recorded."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    (folder / "twilio_scripts").mkdir()
    (folder / "twilio_scripts" / "10_pin.py").write_text(SCRIPT)
    toml = PLANT.format(account=ACCOUNT, token=TOKEN, number=NUMBER, port=port)
    (folder / "tocsin.toml").write_text(toml)
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "runtime")}
    serve = ["-m", "tocsin", "serve", str(folder), "--port", str(port)]
    with (folder / "log").open("w") as log, _process(serve, cores, env=environ, stderr=log) as process:
        assert process.stdout is not None
        if " at http" not in (line := process.stdout.readline()):
            raise SystemExit(f"no gateway: {line}{(folder / 'log').read_text()[-2000:]}")
        voice = f"http://127.0.0.1:{port}/main/system/twilio-voice"
        yield f"{voice}/answer/0#rc=2&rp=all", f"{voice}/status/0#rc=2&rp=all", process.pid


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def run(calls: int, against: str, folder: Path) -> Run:
    """Run so many conversations at once; raises SystemExit where one did not end as it should."""
    ours, theirs = _cores()
    os.sched_setaffinity(0, ours)
    emulator = Emulator(clock=VirtualClock(), auth_token=TOKEN, seed=1, autojump=True, settle_s=0.002)
    for index in range(calls):
        emulator.put_phone(phone(index), {"answer": "auto", "after": [1, 9], "steps": STEPS})
    product = _bare if against == "bare" else _gateway
    async with served(emulator, port=0) as url:
        with (
            product(theirs, folder) as (answer, status, pid),
            _process([PRODUCT, "place", url, answer, status, str(calls)], theirs) as placer,
        ):
            await asyncio.sleep(0.5)  # until whoever places them has loaded what it needs
            others, product_before = Others(pid), cpu_s(pid)
            began, used = time.perf_counter(), _used()
            assert placer.stdin is not None
            placer.stdin.write("go\n")
            placer.stdin.flush()
            with emulator.hold():
                while emulator.live < calls:
                    await asyncio.sleep(0.005)
            placed = time.perf_counter()
            while emulator.live:
                await asyncio.sleep(0.005)
            await emulator.quiet()
            ended, used_after = time.perf_counter(), _used()
            done = Run(
                calls, placed - began, ended - began, used_after - used, cpu_s(pid) - product_before,
                others.cores(),
            )  # fmt: skip
    _judge(emulator, calls)
    return done


def _judge(emulator: Emulator, calls: int) -> None:
    """End with 1 unless every conversation went to its end, with four callbacks and two documents."""
    failures = [failure for one in emulator.phones for failure in one.failures][:3]
    completed = sum(call.status == "completed" for call in emulator.calls)
    asked = sum(one.status in (200, 204) for one in emulator.webhooks)
    if failures or emulator.internal_errors or completed != calls or asked != 6 * calls:
        said = f"{completed} of {calls} completed, {asked} of {6 * calls} webhooks answered"
        raise SystemExit(f"{said}; {failures} {emulator.internal_errors[:1]}")


def figures(done: Run, against: str) -> Iterator[Figure]:
    """Put what was measured beside its targets, which hold for the bare product."""
    case = "emulator" if against == "bare" else "with gateway"
    bare = against == "bare"
    least = 60 if bare else None
    note = f"{done.calls} at once; others kept {max(0.0, done.others):.1f} cores busy"
    rate = done.calls / done.wall_s
    yield Figure(case, "PIN conversations a second", rate, "/s", least=least, note=note)
    alone = done.calls / done.emulator_s
    yield Figure(
        case,
        "the same of a core that does nothing else",
        alone,
        "/s",
        least=least,
        note="from processor time",
    )
    each = 1000 * done.emulator_s / done.calls
    yield Figure(case, "processor time of the emulator, each", each, "ms", most=15 if bare else None)
    yield Figure(case, "processor time of the product, each", 1000 * done.product_s / done.calls, "ms")
    yield Figure(case, "calls placed a second over REST", done.calls / done.placing_s, "/s")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--against", choices=("bare", "gateway", "both"), default="both")
    parser.add_argument("--short", action="store_true", help="few calls, to see that it runs")
    parser.add_argument("--json", action="store_true", help="figures for a program")
    given = parser.parse_args()
    calls = min(given.calls, 50) if given.short else given.calls
    found: list[Figure] = []
    for against in ("bare", "gateway") if given.against == "both" else (given.against,):
        with tempfile.TemporaryDirectory() as folder:
            found += figures(uvloop.run(run(calls, against, Path(folder))), against)
    if given.json:
        print(json.dumps([{"case": one.case, "what": one.what, "value": one.value} for one in found]))
        return
    print(header())
    for figure in found:
        print(figure.line())


if __name__ == "__main__":
    main()
