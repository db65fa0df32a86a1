"""Forgetting a person: afterwards no table holds their name, number or PIN entries, and the record is whole."""

from __future__ import annotations

import pytest
from sqlalchemy import func, insert, select
from tests.plant import JON, MARIA, TOML, open_line, write_project

from tocsin.alarms import AlarmEvent
from tocsin.calls.own_words import own_data
from tocsin.channels.tables import contact_states
from tocsin.db import metadata
from tocsin.gateway.forgetting import forget
from tocsin.journal import audit, entries
from tocsin.pipelines.tables import plans, runs

AUDITED = TOML.replace('project = "."', 'project = "."\naudit_profile = "plant"') + "[audit_profiles.plant]\n"
CREW = "+46700000000"


async def everything(db):
    """Return the text of every row of every table."""
    await db.flush()

    def work(conn):
        return {
            name: str([tuple(row) for row in conn.execute(select(table))])
            for name, table in metadata.tables.items()
        }

    return await db.read(work)


@pytest.fixture
async def line(tmp_path):
    """Give a plant where Maria has acknowledged, mistyped her PIN, texted; Jon heard who was first."""
    folder = write_project(tmp_path / "plant")
    text = AUDITED.replace('users = ["maria", "jon"]', f'users = ["maria", "jon"]\nshared_phone = "{CREW}"')
    (folder / "tocsin.toml").write_text(text)
    async with open_line(folder) as line:
        episode = await line.raise_alarm()
        jon = await line.call_from(JON).dials()
        await jon.presses("9163#")
        await jon.stays_silent()
        maria = await line.call_from(MARIA).dials()
        await maria.presses("0000#")
        await maria.presses("4711#")
        await maria.stays_silent()
        await maria.presses("1")
        await maria.hangs_up()
        await jon.presses("1")
        await jon.hangs_up()
        crew = await line.call_from(CREW).dials()
        await crew.presses("4711#")
        await crew.hangs_up()
        fields = {
            "MessageSid": "SM1",
            "AccountSid": jon.fields()["AccountSid"],
            "From": MARIA,
            "To": "+1",
            "Body": "ok",
        }
        await line.post("/main/system/twilio-message/inbound/0", fields)

        def more(conn):
            conn.execute(insert(plans).values(hash="p", blocks=[], created_ms=1))
            run = {
                "id": "r",
                "episode_id": episode,
                "hook": "active",
                "pipeline": "",
                "plan": "p",
                "version": 1,
            }
            position = {"people": {"maria": {"calls": [["phone", MARIA]]}}, "told": ["maria", "jon"]}
            rest = {"state": "ended", "ended_ms": 1, "priority": 0, "started_ms": 1}
            conn.execute(insert(runs).values(position=position, **run, **rest))
            state = {"channel": "sms", "number": MARIA, "state": "bad", "since_ms": 1}
            conn.execute(insert(contact_states).values(**state))

        await line.gateway.services.db.write(more)
        yield line


async def own_alarms(line):
    """Raise what the gateway says of itself about Maria's numbers, and that nobody was reached about it."""
    contact, reach = "System/Gateway/Contact/maria", "System/Gateway/Reach/people/maria"
    label = "a number of maria cannot be reached"
    about = {"path": contact, **own_data("nobody-reached", alarm=label, count=1)}
    events = [
        AlarmEvent(contact, "active", name="Contact", label=label, data=own_data("number", person="maria")),
        AlarmEvent(reach, "active", name="Cannot be told", data=own_data("unreached-people", name="maria")),
        AlarmEvent("System/Gateway/Nobody", "active", label=f"nobody was reached about {label}", data=about),
        AlarmEvent(reach, "clear", name="Cannot be told"),
    ]
    accepted = await line.gateway.services.board.report(events)
    return [one.episode for one in accepted[:3]]


async def test_nothing_names_the_person_any_more(line):
    """Whatever table one looks into: the name, the username and the number are gone."""
    services = line.gateway.services
    await own_alarms(line)
    before = await everything(services.db)
    assert {name for name, rows in before.items() if "maria" in rows.lower()} >= {
        "ts_call", "ts_turn", "ts_effect", "ts_episode", "ts_notice", "ts_journal", "ts_audit", "ts_run",
    }  # fmt: skip

    done = await forget(services.db, services.directory, "maria", now_ms=services.clock.now_ms())

    after = await everything(services.db)
    for word in ("maria", "Maria", MARIA, "+4670…67"):
        assert {name for name, rows in after.items() if word in rows} == set(), word
    assert (await services.db.read(lambda conn: audit.verify(conn, "plant"))).whole
    assert done.pseudonym in after["ts_call"]
    assert min(done.journal, done.alarms, done.calls, done.runs, done.others) > 0


async def test_the_gateways_own_alarms_go_on_under_the_pseudonym(line):
    """What is active about a person's number is so still, and a running gateway takes its new name over."""
    services = line.gateway.services
    contact, _, nobody = await own_alarms(line)
    done = await forget(services.db, services.directory, "maria", now_ms=services.clock.now_ms())
    await services.board.follow()

    shown = {
        one.id: (one.path, one.label, one.data["own"]["values"]) for one in services.board.open() if one.data
    }
    label = f"a number of {done.pseudonym} cannot be reached"
    own = f"System/Gateway/Contact/{done.pseudonym}"
    assert shown[contact] == (own, label, {"person": done.pseudonym})
    about = {"alarm": label, "count": 1}
    assert shown[nobody] == ("System/Gateway/Nobody", f"nobody was reached about {label}", about)


async def test_the_others_are_who_they_were(line):
    """Jon's calls, the crew's phone and the alarms themselves stay as they are."""
    services = line.gateway.services
    await services.db.flush()
    sizes = await services.db.read(_sizes)

    await forget(services.db, services.directory, "maria", now_ms=services.clock.now_ms())

    after = await everything(services.db)
    assert "jon" in after["ts_call"]
    assert JON in after["ts_turn"]
    assert CREW in after["ts_call"]
    assert "Pump 2 high level" in after["ts_episode"]
    told = await services.db.read(lambda conn: entries(conn, kind="person.forgotten"))
    assert len(told) == 1
    gone = {"ts_pin_failure", "ts_pin_success", "ts_number_count", "ts_contact_state", "ts_text_dialogue"}
    grown = {"ts_journal", "ts_audit"}
    now = await services.db.read(_sizes)
    assert {name for name in sizes if now[name] != sizes[name]} <= gone | grown


def _sizes(conn):
    return {
        name: conn.execute(select(func.count()).select_from(table)).scalar()
        for name, table in metadata.tables.items()
    }


async def test_forgetting_again_finds_nothing_more(line):
    """A command that was interrupted is simply given again."""
    services = line.gateway.services
    facts = {"now_ms": services.clock.now_ms()}
    await forget(services.db, services.directory, "maria", **facts)

    again = await forget(services.db, services.directory, "maria", **facts)

    assert (again.journal, again.alarms, again.calls, again.runs, again.others) == (0, 0, 0, 0, 0)


async def test_somebody_unknown_has_left_nothing(line):
    """A name that is on record nowhere changes no row."""
    services = line.gateway.services

    done = await forget(services.db, services.directory, "nobody", also=["+46709999999"], now_ms=1)

    assert (done.journal, done.alarms, done.calls, done.runs, done.others) == (0, 0, 0, 0, 0)
