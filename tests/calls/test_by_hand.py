"""Scripts run by hand: every writing function of `system`, under a person's name, in a sandbox of its own."""

from __future__ import annotations

import contextlib
import tomllib

import pytest
from tests.plant import JON, MARIA, open_line, write_project

from tocsin.calls.manual_run import ManualRuns
from tocsin.calls.on_request import OnRequest
from tocsin.journal import entries
from tocsin.sandbox.script import Script
from tocsin.telephony.attempt import Attempt, placed

PUMP, DAM = "Plant/Pump 2/High level", "Plant/Dam/Gate open"


class Twilio:
    """Takes texts."""

    def __init__(self):
        self.sent, self.next = [], []

    async def send(self, number, text, *, profile, message_id):
        self.sent.append((number, text))
        return self.next.pop(0) if self.next else placed("SM1")


class Runs:
    """One running pipeline per episode."""

    def __init__(self):
        self.cancelled = []

    async def waiting(self, episode_id):
        return [{"run": f"{episode_id}.active"}]

    async def cancel(self, run_id, by):
        self.cancelled.append((run_id, by))
        return True


class ByHand:
    """A gateway, and somebody at its console."""

    def __init__(self, line, folder, twilio):
        self.line, self.folder, self.twilio, self.runs = line, folder, twilio, Runs()
        gateway = self.gateway = line.gateway
        self.manual = ManualRuns(
            lambda: gateway.services, OnRequest(lambda: gateway.services, gateway.ledger), folder=folder,
            reload=gateway.reload, lockdown=lambda: "required", runs=lambda: self.runs,
        )  # fmt: skip

    async def run(self, source, *modules, user="maria", **params):
        """Run a script; give what came of it."""
        person = self.gateway.services.directory.users[user]
        return await self.manual.run(Script("mine.py", source), modules, user=person, params=params, by="cli")

    async def says(self, source, *modules, **more):
        """Run a script that comes to its end; give what it printed."""
        ran = await self.run(source, *modules, **more)
        assert not ran.failure, ran.failure
        return [one.text for one in ran.log]

    async def fails(self, source, **more):
        """Run a script that does not; give its message."""
        ran = await self.run(source, **more)
        assert ran.failure, [one.text for one in ran.log]
        return ran.failure["message"]

    async def raise_(self, path=PUMP):
        return await self.line.raise_alarm(path)

    async def find(self, episode):
        return await self.gateway.services.board.find(episode)

    async def journal(self, kind):
        found = await self.gateway.services.db.read(lambda c: entries(c, kind=kind))
        return [(one.kind, one.subject, one.person) for one in found]

    def rosters(self):
        return tomllib.loads((self.folder / "tocsin.toml").read_text())["rosters"]


@contextlib.asynccontextmanager
async def at_the_console(tmp_path, more=""):
    folder, twilio = write_project(tmp_path / "plant", more=more), Twilio()
    async with open_line(folder, messenger=twilio, watch=False) as line:
        yield ByHand(line, folder, twilio)


async def test_hello(tmp_path):
    """What it prints comes back with its place; who ran what, and how it ended, is in the journal."""
    async with at_the_console(tmp_path) as console:
        ran = await console.run(
            "import _greeting\nprint(_greeting.HELLO, user.name, params.get('to'))\n",
            Script("_greeting.py", "HELLO = 'Hello'\n"), to="you",
        )  # fmt: skip

        assert [(one.name, one.line, one.text) for one in ran.log] == [("mine.py", 2, "Hello Maria Lind you")]
        assert (ran.failure, ran.took_ms > 0) == ({}, True)
        assert await console.journal("script.*") == [
            ("script.started", ran.id, "maria"), ("script.ended", ran.id, "maria"),
        ]  # fmt: skip


async def test_alarm_acknowledge(tmp_path):
    """system.alarm.acknowledge(alarmIds, notes, username): by the user, with the note, once."""
    async with at_the_console(tmp_path) as console:
        episode = await console.raise_()
        await console.says("system.alarm.acknowledge([params['id']], 'on my way')", id=episode)
        again = "system.alarm.acknowledge(system.alarm.queryStatus(path=['*']), 'late', 'maria')"
        await console.says(again)

        found = await console.find(episode)
        assert (found.acked_by, found.acked_via, found.note) == ("maria", "script", "on my way")
        assert await console.journal("alarm.acknowledged") == [("alarm.acknowledged", episode, "maria")]
        for source, says in (
            ("system.alarm.acknowledge(['nothing'], 'x')", "there is no alarm with the id 'nothing'"),
            ("system.alarm.acknowledge([params['id']], 'x', 'jon')", "runs as maria and acknowledges as nobody else"),
            ("system.alarm.acknowledge([7], 'x')", "takes a list of up to 1000 texts"),
            ("system.alarm.acknowledge([params['id']], 7)", "notes is a text"),
        ):  # fmt: skip
            assert says in await console.fails(source, id=episode)


async def test_areas_hold_for_scripts_too(tmp_path):
    """Whoever may not acknowledge an alarm on the telephone may not do so in a script."""
    more = '[users.eve]\nid = 9\nareas = ["Plant/Dam"]\n'
    async with at_the_console(tmp_path, more) as console:
        pump, dam = await console.raise_(), await console.raise_(DAM)

        message = await console.fails(
            "system.alarm.acknowledge(params['ids'].split())", user="eve", ids=f"{dam} {pump}"
        )

        assert "eve may not act on Plant/Pump 2/High level" in message
        assert not (await console.find(dam)).acked
        assert "eve may not act on" in await console.fails("system.alarm.shelve('*')", user="eve")


async def test_alarm_shelve_and_unshelve(tmp_path):
    """system.alarm.shelve(path, timeoutSeconds, timeoutMinutes=15) and unshelve(path), by path."""
    async with at_the_console(tmp_path) as console:
        pump, dam = await console.raise_(), await console.raise_(DAM)
        now = console.gateway.clock.now_ms
        said = await console.says(
            "system.alarm.shelve(['Plant/Pump*'], timeoutMinutes=30)\n"
            "system.alarm.shelve('Plant/Dam/*', timeoutSeconds=90)\n"
            "print([one.getPath() for one in system.alarm.getShelvedPaths()])\n"
        )
        assert sorted(eval(said[0])) == [DAM, PUMP]
        half_hour = (await console.find(pump)).shelved_until_ms - now()
        assert 29 * 60_000 < half_hour <= 30 * 60_000
        assert (await console.find(dam)).shelved_until_ms - now() <= 90_000

        await console.says("system.alarm.unshelve(['*'])")
        assert (await console.find(pump)).shelved_until_ms is None
        assert "up to a week" in await console.fails("system.alarm.shelve('*', timeoutMinutes=1e9)")
        assert "no open alarm is at these paths" in await console.fails("system.alarm.shelve('Nowhere')")


async def test_alarm_cancel(tmp_path):
    """system.alarm.cancel(alarmIds): its pipelines end, the alarm stays as it is."""
    async with at_the_console(tmp_path) as console:
        episode = await console.raise_()
        await console.says("system.alarm.cancel([params['id']])", id=episode)

        assert console.runs.cancelled == [(f"{episode}.active", "maria")]
        assert (await console.find(episode)).state == "active"
        console.runs = None
        assert "without pipelines" in await console.fails("system.alarm.cancel([params['id']])", id=episode)


async def test_twilio_send_message(tmp_path):
    """system.twilio.sendMessage(number, message): True only if Twilio took it in time; never twice."""
    async with at_the_console(tmp_path) as console:
        console.twilio.next = [placed("SM1"), Attempt("unknown", why="timeout")]
        said = await console.says(
            f"print(system.twilio.sendMessage('{MARIA}', 'Come, please.'))\n"
            f"print(system.twilio.sendMessage('{JON}', 'Come, please.'))\n"
        )
        assert said == ["True", "False"]
        assert console.twilio.sent == [(MARIA, "Come, please."), (JON, "Come, please.")]
        assert [kind for kind, _, person in await console.journal("message.*") if person == "maria"] == [
            "message.requested", "message.sent", "message.requested", "message.unknown",
        ]  # fmt: skip
        assert "E.164" in await console.fails("system.twilio.sendMessage('0701234567', 'x')")
        assert "1 to 1600" in await console.fails(f"system.twilio.sendMessage('{MARIA}', ' ')")


async def test_rosters_are_written_into_the_files(tmp_path):
    """system.roster.createRoster, addUsers, removeUsers, deleteRoster, and system.alarm.createRoster."""
    async with at_the_console(tmp_path) as console:
        said = await console.says(
            "system.roster.createRoster('night', 'Who sleeps\\nlightly')\n"
            "system.roster.createRoster('night')\n"
            "system.alarm.createRoster('dam', 'The dam')\n"
            "jon = system.user.getUser('', 'jon')\n"
            "system.roster.addUsers('night', [jon, 'maria'])\n"
            "system.roster.addUsers('night', jon)\n"
            "system.roster.removeUsers('night', ['maria'])\n"
            "system.roster.deleteRoster('dam')\n"
            "print(system.roster.getRosters()['night'], system.roster.getRosterNames())\n"
        )
        assert said == ["['jon'] ['operations', 'night']"]
        assert console.rosters() == {"operations": {"users": ["maria", "jon"]}, "night": {"users": ["jon"]}}
        text = (console.folder / "tocsin.toml").read_text()
        assert "# Who sleeps\n# lightly\n[rosters.night]\n" in text
        assert [(kind, subject) for kind, subject, _ in await console.journal("roster.*")] == [
            ("roster.created", "night"), ("roster.created", "dam"), ("roster.changed", "night"),
            ("roster.changed", "night"), ("roster.deleted", "dam"),
        ]  # fmt: skip
        for source, says in (
            ("system.roster.addUsers('none', ['jon'])", "no roster 'none'; there are: operations, night"),
            ("system.roster.addUsers('night', ['eve'])", "no user 'eve'; there are: maria, jon"),
            ("system.roster.createRoster('a b')", "letters, digits, - and _"),
            ("system.roster.deleteRoster(7)", "no roster 7"),
        ):
            assert says in await console.fails(source)


async def test_a_change_the_gateway_refuses_leaves_the_files_alone(tmp_path):
    """A roster that a pipeline needs cannot be deleted: the file is as it was, the sentence says why."""
    more = (
        "[message_profiles.text]\ntwilio_profile = 'plant'\n[pipelines.default]\n"
        "[[pipelines.default.blocks]]\ntype = 'notification'\nroster = 'operations'\n"
    )
    async with at_the_console(tmp_path, more) as console:
        before = (console.folder / "tocsin.toml").read_text()
        message = await console.fails("system.roster.deleteRoster('operations')")

        assert "the roster stays as it was" in message
        assert (console.folder / "tocsin.toml").read_text() == before
        assert "operations" in console.gateway.services.directory.rosters
        assert console.gateway.refused == ()


@pytest.mark.parametrize(
    ("source", "kind", "line", "says"),
    [
        ("\nclass X: pass\n", "rejected", 2, "Classes are not part"),
        ("x = 1\nx / 0\n", "exception", 2, "division by zero"),
        ("while True: pass\n", "cpu", 0, ""),
        ("import os\n", "exception", 1, "no module 'os'"),
        ("call.acknowledge()\n", "exception", 1, "call"),
        ("system.alarm.acknowledge()\n", "exception", 1, "alarmIds"),
    ],
)
async def test_a_script_that_fails_says_where(tmp_path, monkeypatch, source, kind, line, says):
    """Kind, line and sentence, as for call scripts; `call` does not exist here."""
    from tocsin.calls import manual_run
    from tocsin.sandbox.script import Limits

    monkeypatch.setattr(manual_run, "LIMITS", Limits(cpu_ms=300))
    async with at_the_console(tmp_path) as console:
        ran = await console.run(source)

        assert (ran.failure["kind"], ran.failure["file"] or "mine.py") == (kind, "mine.py")
        assert line in (0, ran.failure["line"])
        assert says in ran.failure["message"]
        ended = (await console.journal("script.ended"))[0]
        assert ended[2] == "maria"


async def test_call_scripts_have_no_writing_function(tmp_path):
    """What changes something is not in the vocabulary of calls, and its host refuses it by name."""
    from tocsin.calls import vocabulary
    from tocsin.calls.manual_requests import WRITING
    from tocsin.calls.requests import REQUESTS

    readable = set().union(*vocabulary.ATTRIBUTES.values())
    assert {name.partition(".")[2] for name in WRITING} & readable == {"sendMessage", "acknowledge", "shelve"}
    assert not {"acknowledge", "shelve"} & vocabulary.ATTRIBUTES[vocabulary.system_functions.AlarmFunctions]
    assert WRITING.keys() & REQUESTS.keys() == {"twilio.sendMessage"}
