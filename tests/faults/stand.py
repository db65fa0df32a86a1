"""A plant, a gateway that is killed and started again, a provider that never is, and people who raise alarms.

Three kinds of processes: this one, the provider (`provider`), and one gateway after the other (`mortal`,
begun by `nursery`). They share one clock, which runs faster than the machine's.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import httpx2
from tests.faults import told_clock
from tests.plant import ACCOUNT, NUMBER, TOKEN
from tests.serving import ROOT

TOML = """
[gateway]
name = "Riverside"
timezone = "Europe/Stockholm"
last_resort = ["{last_resort}"]

[twilio_profiles.plant]
account_sid = "{account}"
auth_token = "{token}"
phone_number = "{number}"
api_base = "emulator"
calls_per_second = {calls_per_second}
concurrent_calls = {concurrent_calls}
messages_per_second = {calls_per_second}

[voice_profiles.phone]
twilio_profile = "plant"
audit_profile = "plant"

[message_profiles.text]
twilio_profile = "plant"
audit_profile = "plant"

[audit_profiles.plant]
retention_days = {audit_days}
{more}
"""
CREW = """
[rosters.crew{n}]
users = ["first{n}", "second{n}"]

[pipelines.crew{n}]
start_over = "5m"
[[pipelines.crew{n}.blocks]]
id = "first"
type = "notification"
roster = "crew{n}"
{ways}
[[pipelines.crew{n}.blocks]]
type = "delay"
for = "30s"
[[pipelines.crew{n}.blocks]]
type = "jump"
to = "first"
times = 20
"""
PERSON = """
[users.{name}]
id = {id}
pin = "{pin}"
areas = ["Plant/Crew {n}"]
contacts = [{{ type = "phone", value = "{number}" }}, {{ type = "sms", value = "{number}" }}]
"""
LAST_RESORT = "+46700000000"


class Person:
    """Somebody on call, with a number and a PIN."""

    def __init__(self, name: str, ident: int) -> None:
        self.name = name
        self.id = ident
        self.number = f"+4671{ident:07}"
        self.pin = f"{3000 + ident * 7}"


WAYS = (
    'step = "2m"',  # each person's own: called, and texted at a miss
    'profiles = ["phone", "text"]\nstep = "2m"',
    'profiles = ["text"]\nstep = "30s"',
)
"""How crews are told, by their number modulo the length of this."""


def only_texted(crew: int) -> bool:
    """Tell whether a crew gets no calls, so that its alarms are acknowledged at a screen only."""
    return crew % len(WAYS) == 2


def write_plant(folder: Path, crews: int, **settings: Any) -> list[tuple[Person, Person]]:
    """Write a plant of so many crews of two, told in each of WAYS."""
    folder.mkdir(parents=True, exist_ok=True)
    known = {
        "calls_per_second": 100,
        "concurrent_calls": 1000,
        "more": "",
        "audit_days": 3650,
        "ways": WAYS,
    } | settings
    ways = known.pop("ways")
    text = TOML.format(account=ACCOUNT, token=TOKEN, number=NUMBER, last_resort=LAST_RESORT, **known)
    people = []
    for n in range(crews):
        pair = (Person(f"first{n}", 2 * n + 1), Person(f"second{n}", 2 * n + 2))
        people.append(pair)
        for one in pair:
            text += PERSON.format(n=n, name=one.name, id=one.id, pin=one.pin, number=one.number)
        text += CREW.format(n=n, ways=ways[n % len(ways)])
    (folder / "tocsin.toml").write_text(text)
    return people


class Provider:
    """The emulator in its own process."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        with (folder / "provider.log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.provider"],
                stdout=subprocess.PIPE, stderr=log, text=True, env=_environ(environ),
            )  # fmt: skip
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        assert self.url, (folder / "provider.log").read_text()
        self.client = httpx2.Client(base_url=self.url, timeout=60)

    def answers(self, person: Person, **given: Any) -> None:
        """Say how a person answers; without more, like most people do most of the time."""
        steps = [{"hear": "Press"}, {"press": "2"}, {"hear": "PIN"}, {"press": f"{person.pin}#"}]
        chances = {"busy": 0.05, "no-answer": 0.08, "machine": 0.08, "wrong-pin": 0.08}
        usual = {"answer": "statistical", "after": [1.0, 6.0], "chances": chances, "steps": steps}
        self.put(f"/phones/{person.number}", usual | given)

    def put(self, path: str, body: Any) -> None:
        self.client.put(path, json=body).raise_for_status()

    def received(self) -> dict[str, Any]:
        """Give every call and text that was really taken."""
        found: dict[str, Any] = self.client.get("/received").json()
        return found

    def close(self) -> None:
        self.client.close()
        self.process.terminate()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


def _environ(more: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{ROOT / 'runtime'}:{ROOT}", **more}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


class Nursery:
    """Where gateways are begun, and mourned; each is what the module `program` makes of `tocsin`."""

    def __init__(self, folder: Path, program: str = "tests.faults.mortal") -> None:
        self.folder = folder
        with (folder / "nursery.log").open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.nursery", program],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=_environ({}),
            )  # fmt: skip
        self._changed = threading.Condition()
        self.born: list[int] = []
        self.dead: dict[int, int] = {}
        self.said: list[str] = []
        self._ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                try:
                    told = json.loads(line)
                except ValueError:
                    self.said.append(line.strip())
                else:
                    if "born" in told:
                        self.dead.pop(told["born"], None)  # numbers of processes come back
                        self.born.append(told["born"])
                    else:
                        self.dead[told["dead"]] = told["status"]
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def begin(self, arguments: list[str], environ: Mapping[str, str], log: Path) -> int:
        """Begin a gateway; give its process id."""
        order = {"arguments": arguments, "environ": dict(environ), "log": str(log)}
        assert self._process.stdin is not None
        with self._changed:
            before = len(self.born)
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            self._wait(lambda: len(self.born) > before, 30)
            return self.born[-1]

    def _wait(self, done: Callable[[], bool], seconds: float) -> bool:
        return self._changed.wait_for(lambda: done() or self._ended, seconds) and not self._ended

    def until(self, done: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is said, born or dead as `done` wants it; False where it takes too long."""
        with self._changed:
            return self._wait(done, seconds)

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._reader.join(10)
        self._process.stdout.close()


class Gateway:
    """One gateway after the other over the same folder."""

    def __init__(self, folder: Path, nursery: Nursery, environ: Mapping[str, str], *options: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.kill_file = folder / "kill"
        self.log = folder / "serve.log"
        self._nursery = nursery
        self.environ = {**environ, "TOCSIN_FAULTS_KILL": str(self.kill_file)}
        self._options = options
        self.pid = 0
        self.starts = 0
        self.kills = 0
        self.before_start: Callable[[], None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def begin(self) -> None:
        """Start the next process without waiting for it."""
        if self.before_start is not None:
            self.before_start()
        self.starts += 1
        arguments = ["serve", str(self.folder), "--port", str(self.port), *self._options]
        self._said = len(self._nursery.said)
        self.pid = self._nursery.begin(arguments, self.environ, self.log)

    def is_up(self, seconds: float = 60.0) -> bool:
        """Wait until it serves; False where it died before."""
        nursery = self._nursery

        def known() -> bool:
            return self.pid in nursery.dead or any("serves" in one for one in nursery.said[self._said :])

        assert nursery.until(known, seconds), f"no gateway: {self.tail()}"
        return self.pid not in nursery.dead

    def start(self) -> None:
        self.begin()
        assert self.is_up(), f"no gateway: {self.tail()}"

    def revived(self) -> bool:
        """Begin another process, because the last one has died, and wait for that one."""
        self.begin()
        return self.is_up()

    def alive(self) -> bool:
        return self.pid not in self._nursery.dead

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.is_gone()
        self.kills += 1

    def is_gone(self, seconds: float = 60.0) -> int:
        """Wait for the end of the process; give its status, -9 after SIGKILL."""
        nursery = self._nursery
        assert nursery.until(lambda: self.pid in nursery.dead, seconds), f"still alive: {self.tail()}"
        return nursery.dead[self.pid]

    def stop(self) -> None:
        if self.pid and self.alive():
            os.kill(self.pid, signal.SIGTERM)
            self.is_gone()

    def tail(self) -> str:
        with contextlib.suppress(OSError):
            return self.log.read_text()[-3000:]
        return "nothing was logged"

    def kill_at(self, moment: str, *, times: int, most: int = 3) -> None:
        """Have it die at a moment, and those that follow it, `times` times in all."""
        self.kill_file.write_text(f"{moment} {times} {most}")

    def deaths_left(self) -> int:
        parts = self.kill_file.read_text().split() if self.kill_file.exists() else []
        return int(parts[1]) if len(parts) == 3 else 0


class Driver:
    """Raises alarms over the API until each is taken, and writes down what was promised."""

    def __init__(self, gateway: Gateway, crews: int, seed: int) -> None:
        self._gateway = gateway
        self._crews = crews
        self._chance = random.Random(seed)
        self._number = 0
        self.accepted: dict[str, dict[str, Any]] = {}
        """By path: what the API answered 202 with."""
        self.repeats = 0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._enough = False
        self.failure: BaseException | None = None

    def ask(self, method: str, path: str, body: Any, key: str) -> Any:
        """Ask until there is an answer that is one; the same request is the same to the gateway."""
        while not self._stop.is_set():
            try:
                token = (self._gateway.folder / ".tocsin" / "cli-token").read_text().strip()
                headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
                with httpx2.Client(base_url=self._gateway.url, timeout=20) as client:
                    answer = client.request(method, path, json=body, headers=headers)
            except (httpx2.TransportError, OSError):
                self.repeats += 1
                time.sleep(0.05)
                continue
            if answer.status_code in (401, 503):  # a new process has a new token; not stored
                time.sleep(0.05)
                continue
            assert answer.status_code < 300, f"{path}: {answer.status_code} {answer.text}"
            return answer.json()
        return None

    def raise_alarms(self, crews: list[int]) -> list[str]:
        """Raise one alarm for each of these crews, in one request; give their paths."""
        events = []
        for crew in crews:
            self._number += 1
            path = f"Plant/Crew {crew}/Alarm {self._number:05}"
            priority = self._chance.choice(["Medium", "High", "Critical"])
            events.append({"path": path, "state": "active", "pipeline": f"crew{crew}", "priority": priority})
        told = self.ask("POST", "/api/v1/alarms", events, f"raise {self._number}")
        if told is None:
            return []
        for event, one in zip(events, told, strict=True):
            self.accepted[event["path"]] = one
        return [event["path"] for event in events]

    def clear(self, path: str) -> None:
        self.ask("POST", "/api/v1/alarms", {"path": path, "state": "clear"}, f"clear {path}")

    def acknowledge(self, path: str) -> None:
        episode = self.accepted[path]["episode"]
        self.ask("POST", f"/api/v1/alarms/{episode}/acknowledge", {"by": "first0"}, f"ack {path}")

    # In the background.

    def keep_raising(self, *, at_once: int, alarms: int = 1_000_000, every_s: float = 0.1) -> None:
        """Keep alarms of so many crews open, until so many were raised or `stop`."""
        self._stop.clear()
        self._enough = False
        self._thread = threading.Thread(target=self._work, args=(at_once, alarms, every_s), daemon=True)
        self._thread.start()

    def _work(self, at_once: int, alarms: int, every_s: float) -> None:
        try:
            while not self._stop.is_set():
                if (self._enough or len(self.accepted) >= alarms) and not self._screen(1.0):
                    return
                busy = {crew_of(path) for path in open_paths(self._gateway.folder)}
                idle = sorted(set(range(self._crews)) - busy)
                self._chance.shuffle(idle)
                missing = min(at_once - len(busy), alarms - len(self.accepted), len(idle), 20)
                if missing > 0 and not self._enough:
                    self._meddle(self.raise_alarms(idle[:missing]))
                self._screen(0.05)
                self._stop.wait(every_s)
        except BaseException as error:  # told by `stop`
            self.failure = error

    def _meddle(self, paths: list[str]) -> None:
        """Some alarms clear by themselves, and some are acknowledged at a screen at once."""
        for path in paths:
            drawn = self._chance.random()
            if drawn < 0.04:
                self.clear(path)
            elif drawn < 0.08:
                self.acknowledge(path)

    def _screen(self, chance: float) -> bool:
        """Acknowledge some of the alarms that are only texted; tell whether there were any."""
        found = [path for path in open_paths(self._gateway.folder) if only_texted(crew_of(path))]
        for path in found:
            if self._chance.random() < chance and path in self.accepted:
                self.acknowledge(path)
        return bool(found)

    @property
    def raising(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def has_raised_all(self, seconds: float = 120) -> None:
        """Wait until all the alarms were raised, and none waits for a screen."""
        assert self._thread is not None
        self._thread.join(seconds)
        assert not self.raising, "not all alarms were raised"

    def finish(self) -> None:
        """Raise no more alarms; what is acknowledged at a screen still is."""
        self._enough = True

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(60)
        if self.failure is not None:
            raise self.failure


def rows(folder: Path, query: str, *values: Any) -> list[sqlite3.Row]:
    """Read the gateway's database beside it; nothing where there is none yet."""
    try:
        with contextlib.closing(
            sqlite3.connect(f"file:{folder / '.tocsin' / 'tocsin.db'}?mode=ro", uri=True, timeout=30)
        ) as db:
            db.row_factory = sqlite3.Row
            return db.execute(query, values).fetchall()
    except sqlite3.OperationalError:
        return []


def open_paths(folder: Path) -> list[str]:
    """Give the paths of alarms that are active and unacknowledged, but for the gateway's own."""
    query = """select path from ts_episode where state = 'active' and acked_ms is null
               and path not like 'System/Gateway/%'"""
    return [row["path"] for row in rows(folder, query)]


def crew_of(path: str) -> int:
    return int(path.split("/")[1].split()[1])


def unsettled(folder: Path) -> dict[str, int]:
    """Count what is still on its way."""
    queries = {
        "open alarms": "select count(*) n from ts_episode where state = 'active' and acked_ms is null "
        "and path not like 'System/Gateway/%'",
        "calls": "select count(*) n from ts_call where outcome is null and direction = 'outbound'",
        "texts": "select count(*) n from ts_message where state in ('intent', 'unknown')",
        "notices": "select count(*) n from ts_notice where state <> 'done'",
        "sought": "select count(*) n from ts_timer where queue = 'reconcile' and key <> 'sweep'",
    }
    return {name: found[0]["n"] for name, query in queries.items() if (found := rows(folder, query))}


class Stand:
    """Everything together."""

    def __init__(
        self,
        folder: Path,
        *,
        crews: int,
        speed: float,
        seed: int = 1,
        sets: Literal["nobody", "gateway", "everybody"] = "nobody",
        **settings: Any,
    ) -> None:
        self.folder = folder
        self.plant = folder / "plant"
        self.people = write_plant(self.plant, crews, **settings)
        self.speed = speed
        self._setting = folder / "set"
        mine = told_clock.environ(speed, setting=self._setting)
        clock = {told_clock.CLOCK: mine[told_clock.CLOCK]}
        if sets == "nobody":
            mine = dict(clock)
        self.provider = Provider(folder, mine if sets == "everybody" else clock)
        self.clock = told_clock.ToldClock(clock)
        self.nursery = Nursery(folder)
        mine["TOCSIN_FAULTS_PROVIDER"] = self.provider.url
        self.gateway = Gateway(self.plant, self.nursery, mine)
        self.driver = Driver(self.gateway, crews, seed)
        for pair in self.people:
            for one in pair:
                self.provider.answers(one)

    def set_clock(self, seconds: float) -> None:
        """Set the clock of whom `sets` names by so many seconds from the time it would show by itself."""
        told_clock.set_by(self._setting, seconds)

    def settle(self, seconds: float) -> dict[str, int]:
        """Wait until nothing is on its way, at most so many real seconds; give what still is."""
        until = time.monotonic() + seconds
        while any((left := unsettled(self.plant)).values()) or not left:
            if time.monotonic() > until or not self.gateway.alive():
                return left
            time.sleep(0.1)
        return {}

    def finish_all(self, seconds: float = 300) -> dict[str, int]:
        """Wait until as many alarms were raised as was asked for, and see everything to its end."""
        self.driver.has_raised_all()
        return self.finish(seconds)

    def finish(self, seconds: float = 300) -> dict[str, int]:
        """Raise no more alarms, and see everything to its end; give what has not come to one."""
        self.driver.finish()
        self.driver.has_raised_all()
        left = self.settle(seconds)
        self.driver.stop()
        return left

    def close(self) -> None:
        try:
            self.driver._stop.set()
            self.gateway.stop()
        finally:
            self.nursery.close()
            self.provider.close()


@contextlib.contextmanager
def standing(folder: Path, **given: Any) -> Iterator[Stand]:
    stand = Stand(folder, **given)
    try:
        yield stand
    finally:
        stand.close()
