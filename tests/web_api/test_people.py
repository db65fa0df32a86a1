"""Who is on call, and how much each was called: by HTTP."""

import asyncio
import threading
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from tests.web_api.conftest import JON, MARIA

from tocsin.calls import statistics
from tocsin.people import calendars
from tocsin.people.wall_clock import read_moment

ONCALL = "/api/v1/oncall"


def on(answer):
    """Give roster -> people on call."""
    rosters = answer.json()["rosters"]
    return {one["roster"]: [person["username"] for person in one["people"]] for one in rosters}


async def test_who_is_on_call_at_an_instant(api):
    """A Wednesday noon and a Sunday, on the plant's wall clock, with an offset, or in milliseconds."""
    noon = datetime(2026, 3, 25, 12, 0, tzinfo=ZoneInfo("Europe/Stockholm"))
    everybody = {"operations": ["maria", "jon"], "maintenance": ["jon"], "office": ["guest"]}
    for at in (
        "2026-03-25T12:00",
        "2026-03-25T11:00Z",
        "2026-03-25T13:00+02:00",
        int(noon.timestamp() * 1000),
    ):
        answer = await api.get(ONCALL, params={"at": at})
        assert on(answer) == everybody, at
        assert answer.json()["at_ms"] == noon.timestamp() * 1000
    assert on(await api.get(f"{ONCALL}?at=2026-03-25T13:00+02:00")) == everybody  # a plus not encoded

    sunday = (await api.get(ONCALL, params={"at": "2026-03-29 12:00"})).json()
    assert sunday["timezone"] == "Europe/Stockholm"
    monday = datetime(2026, 3, 30, 6, 0, tzinfo=ZoneInfo("Europe/Stockholm"))
    assert sunday["rosters"][1] == {
        "roster": "maintenance", "schedule": "days", "on": False, "people": [],
        "why": "roster maintenance is off by its schedule days", "until_ms": monday.timestamp() * 1000,
    }  # fmt: skip
    assert (sunday["rosters"][0]["why"], sunday["rosters"][0]["until_ms"]) == ("", None)


async def test_contacts_are_masked_and_areas_are_told(api):
    """Nobody reads numbers off the answer; who has no part in the alarm asked about is not told of it."""
    answer = (await api.get(ONCALL, params={"alarm": "Plant/Power/Mains failure"})).json()

    maria, jon = answer["rosters"][0]["people"]
    assert (maria["told"], jon["told"]) == (True, False)
    assert maria["contacts"] == [
        {"type": "phone", "value": "+4670…67"}, {"type": "sms", "value": "+4670…67"},
    ]  # fmt: skip
    assert jon["contacts"][1] == {"type": "email", "value": "jon@example.com"}
    assert answer["alarm"] == "Plant/Power/Mains failure"


@pytest.mark.parametrize(
    "at", ["", "now", "12:00", "2026-13-01T00:00", "9" * 15, "1969-12-31T00:00Z", "٢٠٢٦", "2026-01-01"]
)
async def test_what_is_no_instant(api, at):
    """422 with how to write one."""
    answer = await api.get(ONCALL, params={"at": at})

    assert answer.status_code == 422
    assert "write it like 2026-03-29T02:30" in answer.json()["detail"]


async def test_statistics_of_a_user(api, db):
    """By id and by username; texts and calls of all the user's numbers, each counted once."""
    facts = {"account": "AC1", "direction": "outbound", "number": MARIA}

    def count(connection):
        for _ in range(3):
            statistics.counted_in(connection, "message", sid="SM1", **facts)
            statistics.counted_in(connection, "call", sid="CA1", minutes=2, **facts)
        statistics.counted_in(connection, "call", sid="CA2", **{**facts, "number": JON})

    await db.write(count)

    by_id, by_name = (
        await api.get("/api/v1/users/1/statistics"),
        await api.get("/api/v1/users/maria/statistics"),
    )
    assert by_id.json() == by_name.json() == {
        "id": 1, "username": "maria", "phone_number": MARIA, "messages_received": 0, "messages_sent": 1,
        "calls_received": 0, "calls_sent": 1, "call_minutes_received": 0, "call_minutes_sent": 2,
    }  # fmt: skip
    for who in ("9", "nobody", "9" * 400, "%20", "-1"):
        missing = await api.get(f"/api/v1/users/{who}/statistics")
        assert missing.status_code == 404
        assert "neither as id nor as username" in missing.json()["detail"]


async def test_tags_by_path(api, db):
    """The slashes of a path may stand as they are or encoded; a dataset comes as columns and rows."""
    await db.write(
        lambda c: statistics.counted_in(
            c, "call", account="AC1", sid="CA1", direction="outbound", number=MARIA
        )
    )
    for path in ("System/Gateway/Twilio/CallsSent", "System%2FGateway%2FTwilio%2FCallsSent"):
        tag = (await api.get(f"/api/v1/tags/{path}")).json()
        assert (tag["path"], tag["value"], tag["quality"]) == ("System/Gateway/Twilio/CallsSent", 1, "Good")

    table = (await api.get("/api/v1/tags/System/Gateway/Twilio/UserStatistics")).json()["value"]
    assert table["columns"][1]["name"].lower() == "username"
    assert [row[1] for row in table["rows"]] == ["maria", "jon", "guest"]
    missing = await api.get("/api/v1/tags/Plant/Nothing")
    assert (missing.status_code, missing.json()["detail"]) == (404, "there is no tag 'Plant/Nothing'")


async def test_why_is_this_waiting_and_cancel(api):
    """Runs are listed with what they wait for; a cancelled one is over at once, and is cancelled once."""
    raised = await api.post("/api/v1/alarms", json={"path": "Plant/Fan", "state": "active"})
    episode = raised.json()["episode"]

    (run,) = (await api.get("/api/v1/runs")).json()["runs"]
    assert (run["episode"], run["path"], run["state"]) == (episode, "Plant/Fan", "running")
    assert run["block"] == "round 1 of 3"
    assert run["since_ms"] == run["started_ms"]

    cancel = f"/api/v1/runs/{run['id']}/cancel"
    first = await api.post(cancel, json={"by": "maria"})
    assert (first.status_code, first.json()) == (200, {"run": run["id"], "state": "ended"})
    again = await api.post(cancel)
    assert (again.status_code, again.json()["type"]) == (409, "urn:tocsin:problem:ended")
    assert (await api.get(f"/api/v1/runs?episode={episode}")).json() == {"runs": []}
    (over,) = (await api.get(f"/api/v1/runs?state=ended&episode={episode}")).json()["runs"]
    assert (over["state"], "maria" in over["why"], over["due_ms"]) == ("ended", True, None)
    missing = await api.post("/api/v1/runs/nothing/cancel")
    assert (missing.status_code, "no run 'nothing'" in missing.json()["detail"]) == (404, True)
    timeline = (await api.get(f"/api/v1/alarms/{episode}")).json()["timeline"]
    assert [entry["kind"] for entry in timeline][-1] == "run.cancelled"


async def test_a_wall_clock_is_read_as_rosters_read_it(api):
    """At half past two in the night of the jump from two to three: at the jump, as an override would end."""
    for written, minutes in (("02:30", 0), ("02:59", 0), ("03:00", 0), ("03:01:30", 1.5), ("01:59", -1)):
        asked = await api.get(ONCALL, params={"at": f"2026-03-29T{written}"})
        assert asked.json()["at_ms"] == read_moment("2026-03-29T01:00Z", "UTC") + minutes * 60_000
    twice = await api.get(ONCALL, params={"at": "2026-10-25T02:30"})
    assert twice.json()["at_ms"] == read_moment("2026-10-25T02:30", "Europe/Stockholm")


async def test_a_roster_is_a_calendar(api):
    """As iCalendar, with the shifts of the weeks asked for; never with a number."""
    asked = {"from": "2026-03-23T00:00", "days": 7}
    answer = await api.get("/api/v1/rosters/maintenance/calendar.ics", params=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    events = Calendar.from_ical(answer.text).events
    assert [f"{event.start:%a %H:%M}" for event in events] == [
        "Mon 05:00", "Tue 05:00", "Wed 05:00", "Thu 05:00", "Fri 05:00",
    ]  # fmt: skip
    assert {str(event["SUMMARY"]) for event in events} == {"Jon Berg: maintenance"}
    assert JON not in answer.text

    whole = await api.get("/api/v1/rosters/operations/calendar.ics")
    assert len(Calendar.from_ical(whole.text).events) == 2


async def test_calls_are_answered_while_a_calendar_is_made(api, monkeypatch):
    """It may take seconds, so it is made beside the event loop, and one after the other."""
    made, make = [], calendars.calendar

    def watched(*given, **more):
        assert threading.current_thread() is not threading.main_thread()
        made.append("begun")
        text = make(*given, **more)
        made.append("done")
        return text

    monkeypatch.setattr(calendars, "calendar", watched)
    address = "/api/v1/rosters/maintenance/calendar.ics?days=90"
    answers = await asyncio.gather(*(api.get(address) for _ in range(3)))

    assert [one.status_code for one in answers] == [200] * 3
    assert made == ["begun", "done"] * 3


@pytest.mark.parametrize(
    ("roster", "asked", "status", "says"),
    [
        ("nobody", {}, 404, "there is no roster 'nobody'; configured are: operations, maintenance, office"),
        ("office", {"from": "soon"}, 422, "write it like 2026-03-29T02:30"),
        ("office", {"days": "0"}, 422, "must be a number from 1 to 732"),
        ("office", {"days": "733"}, 422, "must be a number from 1 to 732"),
        ("office", {"days": "\u0667"}, 422, "must be a number from 1 to 732"),
    ],
)
async def test_what_is_no_calendar(api, roster, asked, status, says):
    """One sentence about what to ask for instead."""
    answer = await api.get(f"/api/v1/rosters/{roster}/calendar.ics", params=asked)
    assert answer.status_code == status
    assert says in answer.json()["detail"]
