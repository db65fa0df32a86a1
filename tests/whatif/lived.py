"""One alarm lived through by a real gateway with emulated phones, and played through by the simulator.

The phones' doings (how long each call lasted, how it ended, when somebody acknowledged) are taken from the
gateway's records and given to the simulator; all else it must come to by itself.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from tocsin.alarms.tables import notices as notice_table
from tocsin.calls.tables import calls as call_table
from tocsin.calls.tables import messages as message_table
from tocsin.calls.tables import turns as turn_table
from tocsin.gateway.what_if import what_if_of
from tocsin.journal import entries
from tocsin.pipelines import store
from tocsin.pipelines.run import Answer
from tocsin.pipelines.simulating.endings import Ending
from tocsin.pipelines.simulating.simulation import simulate
from tocsin.testing.plant import Plant

PATH = "Plant/Pump 2/High level"
HOUR = 3_600_000
_FAR = 24 * HOUR
_ACKS = {"alarm.acknowledged", "alarm.partly-acknowledged"}
ANSWERS = {"choose.py": {"crew": "left"}}
SCRIPTS = {
    "choose.py": "result = {'crew': 'left' if alarm.priority in ('High', 'Critical') else 'right'}\n",
    "fails.py": "result = [1 / 0]\n",
}
"""The scripts of pipelines, and what those of them answer that do."""
PINS = {"ada": "4711", "bo": "9163", "cleo": "2580", "dag": "8642"}


@dataclass
class Lived:
    """What both came to, in the same words."""

    engine: list
    engine_journal: list
    simulated: list
    simulated_journal: list


def persona(kind, name):
    """Give what the emulator is told of a phone."""
    if kind == "acks":
        steps = [{"hear": "Press 1"}, {"press": "1"}, {"hear": "PIN"}, {"press": f"{PINS[name]}#"}]
        return {"answer": "auto", "after": 4.0, "steps": steps}
    if kind == "silent":
        return {"answer": "auto", "after": 3.0, "steps": [{"wait": 600}]}
    if kind == "hangs-up":
        return {"answer": "auto", "after": 3.0, "steps": [{"wait": 1}, {"hangup": True}]}
    if kind == "listens":
        steps = [{"hear": "Press 1"}, {"press": "9"}, {"wait": 2}, {"hangup": True}]
        return {"answer": "auto", "after": 3.0, "steps": steps}
    return {"answer": kind}


def live(stand, folder, settings, phones, *, at, hours, priority="High"):
    """Live through one alarm with these settings and phones ({(person, number): kind})."""
    plant = Plant(stand, folder).tells_people()
    try:
        for key, value in settings.items():
            plant.configure(key, value)
        plant.at(at)
        for (name, number), kind in phones.items():
            plant.running.emulator.put_phone(number, persona(kind, name))
        alarm = plant.raises(PATH, priority=priority)
        started_ms = plant.now_ms
        plant.waits(hours=hours)
        return _both(plant, alarm.episode, started_ms)
    finally:
        plant.close()


def _both(plant, episode, started_ms):
    gateway, until_ms = plant.running.gateway, plant.now_ms
    read = gateway.services.db.read

    async def rows():
        await gateway.services.db.flush()
        return await read(lambda c: _rows(c, episode))

    notices, calls, texts, answered, everything = plant.do(rows())
    journal = [one for one in everything if one.kind.startswith("run.") and one.kind != "run.started"]
    acks = [(one.at_ms, one.person) for one in everything if one.kind in _ACKS]
    found = what_if_of(gateway.configuration, gateway.services.directory)
    named = found.routing.named(episode.pipeline)
    fresh = store.alarm_of(episode)._replace(
        state="active", acked_ms=None, acked_by=None, acked_via=None, ackers=()
    )
    doings = _doings(calls, texts, answered, acks)
    played = simulate(
        named.plan, fresh, found.routing.reach.at,
        lambda attempt: _next_of(doings, attempt, started_ms),
        started_ms, until_ms, lines=found.lines, pipeline=named.pipeline, hooks=found.hook,
        answers=_answers(journal),
    )  # fmt: skip
    return Lived(
        sorted(_notice(one, started_ms) for one in notices),
        sorted(_entry(one.at_ms, one.kind, one.person, one.data, started_ms) for one in journal),
        sorted(_notice(one, started_ms) for one in played.notices),
        sorted(_entry(at, one.kind, one.person, one.data, started_ms) for at, one in played.records),
    )


def _answers(journal):
    """Give what the scripts of the gateway's pipelines answered, in order."""
    told = [one for one in journal if one.kind in {"run.script-answered", "run.script-failed"}]

    def answer(asked):
        one = next((one for one in told if one.data["block"] == asked.block), None)
        assert one is not None, f"the simulator asks {asked.script} once more than the gateway did"
        told.remove(one)
        failed = one.kind == "run.script-failed"
        return Answer(None, one.data["why"]) if failed else Answer(ANSWERS[asked.script])

    return answer


def _rows(connection, episode):
    def of(table, order):
        return connection.execute(select(table).order_by(order)).all()

    first = {}
    for call_id, at_ms in connection.execute(
        select(turn_table.c.call_id, turn_table.c.at_ms).order_by(turn_table.c.at_ms)
    ):
        first.setdefault(call_id, at_ms)
    mine = select(notice_table).where(
        notice_table.c.episode_id == episode.id, notice_table.c.run_id.is_not(None)
    )
    return (
        connection.execute(mine.order_by(notice_table.c.id)).all(), of(call_table, call_table.c.started_ms),
        of(message_table, message_table.c.at_ms), first, entries(connection, episode.id),
    )  # fmt: skip


def _doings(calls, texts, answered, acks):
    """Give, per person and channel, how each attempt went, in order."""
    found = defaultdict(list)
    for call in calls:
        if call.direction != "outbound":
            continue
        since = call.started_ms
        began = answered.get(call.id)
        answered_ms = None if began is None else began - since
        if call.ended_ms is None or (call.outcome or "").startswith("cancelled"):
            ending = Ending("no-answer", _FAR, answered_ms)
        else:
            mine = [at for at, by in acks if by == call.person and since <= at <= call.ended_ms]
            # "partly-acked" as well: where several have to, the first of them leaves it open
            deed_ms = mine[0] - since if mine else None
            ending = Ending(call.outcome, call.ended_ms - since, answered_ms, deed_ms)
        found[call.person, "voice"].append(ending)
    for text in texts:
        if text.direction == "outbound":
            found[text.person, "sms"].append(Ending("delivered", 1600))
    return found


def _next_of(doings, attempt, since_ms):
    """Give how the gateway's attempt went that is this one; it is a difference where it made none."""
    of_them = doings[attempt.person, attempt.channel]
    assert of_them, (
        f"the simulator tells {attempt.person} by {attempt.channel} for the {attempt.ordinal}. time, at "
        f"{attempt.number} by {attempt.profile} {(attempt.at_ms - since_ms) / 1000:g} s after the alarm; "
        f"the running gateway did so {attempt.ordinal - 1} times"
    )
    return of_them.pop(0)


def _notice(one, since_ms):
    def after(ms):
        return -1 if ms is None else ms - since_ms

    return (
        after(one.created_ms), one.person, one.channel, one.profile, one.number, after(one.placed_ms),
        after(one.ended_ms), one.outcome or "",
    )  # fmt: skip


def _entry(at_ms, kind, person, data, since_ms):
    words = {key: value for key, value in data.items() if key != "until_ms"}
    return (at_ms - since_ms, kind, person or "", repr(sorted(words.items(), key=str)))
