"""A plant's programs report alarms and handle them over HTTP."""

import asyncio
import json

import pytest

from tocsin.alarms.notices import NewNotice, add_in
from tocsin.db import NotStored

LEVEL = "Plant/Pump 2/High level"


async def raised(api, path=LEVEL, **more):
    answer = await api.post("/api/v1/alarms", json={"path": path, "state": "active", **more})
    assert answer.status_code == 202, answer.text
    return answer.json()


async def test_an_alarm_is_on_disk_before_it_is_accepted(api, services):
    """202 carries the event's id, its episode and state; the database has it by then."""
    accepted = await raised(api, value=93.5, data={"unit": "cm"})

    assert accepted.keys() == {"id", "episode", "state", "warnings"}
    assert (accepted["state"], accepted["warnings"]) == ("active", [])
    found = await services.board.find(accepted["episode"])
    assert (found.value, found.data, found.source) == (93.5, {"area": "north", "unit": "cm"}, "api:hmi")
    assert [episode.id for episode in services.board.open()] == [accepted["episode"]]


async def test_an_array_is_answered_by_an_array(api):
    """Many events at once are taken in their order."""
    answer = await api.post(
        "/api/v1/alarms",
        json=[
            {"path": "A", "state": "active"}, {"path": "A", "state": "active", "value": 2},
            {"path": "A", "state": "clear"}, {"path": "A", "state": "active"}, {"path": "B", "state": "clear"},
        ],
    )  # fmt: skip

    first, second, third, fourth, fifth = answer.json()
    assert answer.status_code == 202
    assert first["episode"] == second["episode"] == third["episode"] != fourth["episode"]
    assert (third["state"], fifth["episode"]) == ("cleared", None)
    assert len({event["id"] for event in answer.json()}) == 5


async def test_one_broken_event_keeps_the_whole_array_out(api, services):
    """Nobody has to guess which part of a request was taken."""
    answer = await api.post(
        "/api/v1/alarms", json=[{"path": "A", "state": "active"}, {"path": "B", "state": "on"}]
    )

    assert answer.status_code == 422
    assert "$[1].state" in answer.json()["detail"]
    assert services.board.open() == ()


async def test_odd_words_and_keys_cost_no_alarm(api):
    """Unknown priorities, pipelines and keys are answered by warnings, a controller's padding is taken out."""
    accepted = await raised(api, path="Plant/Fan\x00\x00", priority="Urgent", pipeline="x", prio="High")
    (shown,) = (await api.get("/api/v1/alarms")).json()["alarms"]

    assert (shown["path"], shown["priority"], shown["pipeline"]) == ("Plant/Fan", "High", None)
    assert [warning.split(",")[0].split(";")[0] for warning in accepted["warnings"]] == [
        "priority 'Urgent' is not known", "there is no pipeline 'x'",
        "control characters were taken out of path", "'prio' is not a key of an alarm event and was not used",
    ]  # fmt: skip


async def test_a_story_from_active_to_closed(api, clock):
    """Raised, seen, acknowledged, cleared: the timeline tells it in order."""
    episode = (await raised(api, value=91))["episode"]
    await clock.advance(60)
    answer = await api.post(
        f"/api/v1/alarms/{episode}/acknowledge", json={"by": "maria", "note": "on my way"}
    )
    assert answer.json() == {"episode": episode, "outcome": "ok", "by": "maria", "at_ms": clock.now_ms()}
    first = clock.now_ms()
    await clock.advance(60)
    late = (await api.post(f"/api/v1/alarms/{episode}/acknowledge")).json()
    assert late == {"episode": episode, "outcome": "already_acknowledged", "by": "maria", "at_ms": first}
    await api.post("/api/v1/alarms", json={"path": LEVEL, "state": "clear", "value": 80})

    shown = (await api.get(f"/api/v1/alarms/{episode}")).json()
    assert (shown["state"], shown["acked"], shown["note"], shown["value"]) == (
        "cleared",
        True,
        "on my way",
        80,
    )
    told = [entry for entry in shown["timeline"] if entry["kind"].startswith("alarm.")]
    assert [(entry["kind"], entry["person"], entry["text"]) for entry in told] == [
        ("alarm.active", None, "The alarm went active, value 91"),
        ("alarm.acknowledged", "maria", "Maria Lind acknowledged it by API: “on my way”"),
        ("alarm.cleared", None, "The alarm returned to normal, value 80"),
    ]
    assert told[1]["at_ms"] == first
    assert shown["notices"] == []
    assert (await api.get("/api/v1/alarms")).json() == {"alarms": [], "next": None}
    assert len((await api.get("/api/v1/alarms?state=acknowledged")).json()["alarms"]) == 1


async def test_of_two_acknowledgers_one_wins(api):
    """Twenty at once: one is first, the others are told by whom."""
    episode = (await raised(api))["episode"]
    answers = await asyncio.gather(
        *(
            api.post(f"/api/v1/alarms/{episode}/acknowledge", json={"by": who})
            for who in ("maria", "jon") * 10
        )
    )

    outcomes = [answer.json()["outcome"] for answer in answers]
    assert sorted(outcomes) == ["already_acknowledged"] * 19 + ["ok"]
    assert len({(answer.json()["by"], answer.json()["at_ms"]) for answer in answers}) == 1


async def test_shelving_and_its_limits(api, clock):
    """An alarm is put aside for its minutes; its rule, its state and the request itself set limits."""
    episode = (await raised(api))["episode"]
    shelved = (await api.post(f"/api/v1/alarms/{episode}/shelve", json={"minutes": 2.5, "by": "jon"})).json()
    assert shelved == {"episode": episode, "outcome": "ok", "until_ms": clock.now_ms() + 150_000}
    assert [a["shelved_by"] for a in (await api.get("/api/v1/alarms?state=shelved")).json()["alarms"]] == [
        "jon"
    ]
    assert (await api.post(f"/api/v1/alarms/{episode}/unshelve")).json()["outcome"] == "ok"
    assert (await api.post(f"/api/v1/alarms/{episode}/unshelve")).json()["outcome"] == "not_shelved"

    door = (await raised(api, path="Plant/Door"))["episode"]
    forbidden = await api.post(f"/api/v1/alarms/{door}/shelve")
    assert (forbidden.status_code, forbidden.json()["type"]) == (409, "urn:tocsin:problem:not-allowed")
    await api.post("/api/v1/alarms", json={"path": "Plant/Door", "state": "clear"})
    over = await api.post(f"/api/v1/alarms/{door}/shelve")
    assert (over.status_code, over.json()["type"]) == (409, "urn:tocsin:problem:closed")
    assert (await api.post(f"/api/v1/alarms/{episode}/shelve", json={"minutes": 0})).status_code == 422


async def test_a_note_is_asked_for_where_the_rule_wants_one(api):
    """ackNotesReqd: without a note the answer says what to send."""
    episode = (await raised(api, path="Plant/Chlorine"))["episode"]
    refused = await api.post(f"/api/v1/alarms/{episode}/acknowledge", json={"note": " \n"})
    taken = await api.post(f"/api/v1/alarms/{episode}/acknowledge", json={"note": "valve closed"})

    assert (refused.status_code, refused.json()["type"]) == (409, "urn:tocsin:problem:note-required")
    assert taken.json()["outcome"] == "ok"


async def test_pages(api, clock):
    """`next` leads through everything once."""
    await api.post("/api/v1/alarms", json=[{"path": f"P{n}", "state": "active"} for n in range(5)])
    seen, query = [], "?limit=2"
    while True:
        page = (await api.get(f"/api/v1/alarms{query}")).json()
        seen += [alarm["path"] for alarm in page["alarms"]]
        if page["next"] is None:
            break
        query = f"?limit=2&before={page['next']}"

    assert seen == ["P4", "P3", "P2", "P1", "P0"]


async def test_the_same_key_acts_once(api, services, clock):
    """A request repeated with its Idempotency-Key gets the answer it had, and nothing happens again."""
    body = {"path": "Plant/Test", "state": "active"}
    headers = {"idempotency-key": "plc-7-0001"}
    answers = await asyncio.gather(
        *(api.post("/api/v1/alarms", json=body, headers=headers) for _ in range(5))
    )
    await api.post("/api/v1/alarms", json={"path": "Plant/Test", "state": "clear"})
    again = await api.post("/api/v1/alarms", json=body, headers=headers)

    assert {answer.text for answer in answers} == {again.text}
    assert {answer.status_code for answer in answers} == {202}
    assert again.headers["idempotency-replayed"] == "true"
    assert services.board.open() == ()
    assert len(await services.board.listing("all")) == 1

    other = await api.post("/api/v1/alarms", json={**body, "value": 1}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (409, "urn:tocsin:problem:key-reused")
    await clock.advance(24 * 3600 + 1)
    assert (await api.post("/api/v1/alarms", json={**body, "value": 1}, headers=headers)).status_code == 202


async def test_a_request_that_failed_may_be_sent_again_with_its_key(api):
    """A refusal is not kept: corrected, the same key works."""
    episode = (await raised(api, path="Plant/Chlorine"))["episode"]
    url, headers = f"/api/v1/alarms/{episode}/acknowledge", {"idempotency-key": "k"}
    assert (await api.post(url, headers=headers)).status_code == 409

    assert (await api.post(url, headers=headers, json={"note": "seen"})).json()["outcome"] == "ok"


async def test_what_is_not_stored_is_not_accepted(api, services, monkeypatch):
    """A database that refuses gives 503 with Retry-After and its sentence; nobody hears of the alarm."""

    async def full(_work):
        raise NotStored("not stored: the disk of the database is full; free some space")

    told = []
    services.board.subscribe(told.append)
    monkeypatch.setattr(services.db, "write", full)
    answer = await api.post("/api/v1/alarms", json={"path": LEVEL, "state": "active"})

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "not stored: the disk of the database is full; free some space"
    assert told == []


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 422, "path"),
        (b"{", 400, "the body is not JSON"),
        (b"\xff\xfe{}", 400, "the body is not JSON"),
        (b'"text"', 422, "Expected"),
        (b'{"path": "A"}', 422, "state"),
        (b'{"path": "", "state": "active"}', 422, "path"),
        (b'{"path": " / ", "state": "active"}', 422, "$.path"),
        (b'{"path": "\\u0000", "state": "active"}', 422, "$.path"),
        (b'{"path": 7, "state": "active"}', 422, "$.path"),
        (b'{"path": "A", "state": "active", "value": [1]}', 422, "$.value"),
        (b'{"path": "A", "state": "active", "value": 1e999}', 422, "out of range"),
        (b'{"path": "A", "state": "active", "value": NaN}', 400, "the body is not JSON"),
        (b'{"path": "\\ud800", "state": "active"}', 400, "surrogate"),
        (b"[" * 100_000, 422, "Expected"),
        (b'{"path": "A", "state": "active", "data": {"a":' + b"[" * 100_000, 400, ""),
        (b"[" + b" " * (4 * 1024 * 1024), 413, "4194304 bytes"),
    ],
)  # fmt: skip
async def test_broken_bodies_are_answered_not_obeyed(api, services, body, status, words):
    """Whatever comes, the answer is a problem document with a sentence, and nothing is stored."""
    answer = await api.post("/api/v1/alarms", content=body)

    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert words in problem["detail"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert services.board.open() == ()


async def test_values_come_back_as_they_were(api):
    """Numbers, texts and truth values keep their kind and size over HTTP, memory and disk."""
    values = [1, 1.0, True, "1", "", -0.5, 12345678901234567890, " ä  ö", False]
    await api.post(
        "/api/v1/alarms",
        json=[{"path": f"V{n}", "state": "active", "value": v} for n, v in enumerate(values)],
    )
    text = (await api.get("/api/v1/alarms")).text

    found = {alarm["path"]: alarm["value"] for alarm in json.loads(text)["alarms"]}
    assert [(type(found[f"V{n}"]), found[f"V{n}"]) for n in range(len(values))] == [
        (type(v), v) for v in values
    ]


async def test_a_text_for_a_value_is_cleaned_like_a_label(api):
    """A PLC pads with NUL, and nobody's terminal is to be steered; what was taken out is told."""
    answer = await api.post(
        "/api/v1/alarms", json={"path": "A", "state": "active", "value": "open\x1b[2J\u0000\u0000"}
    )
    assert answer.json()["warnings"] == ["control characters were taken out of value"]
    (alarm,) = (await api.get("/api/v1/alarms")).json()["alarms"]
    assert alarm["value"] == "open [2J"


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/api/v1/alarms?state=loud", 422, "use one of open, active"),
        ("/api/v1/alarms?limit=0", 422, "from 1 to 1000"),
        ("/api/v1/alarms?limit=%C2%B2", 422, "from 1 to 1000"),
        ("/api/v1/alarms?before=x", 422, "`next` of the page before"),
        ("/api/v1/alarms/no-such", 404, "no alarm episode 'no-such'"),
        ("/api/v1/alarms/a%2Fb%0A", 404, "no alarm episode 'a/b'"),
        ("/api/v1/calls/none", 404, "no call 'none'"),
        ("/api/v1/nothing", 404, "openapi.json"),
        ("/api", 404, "openapi.json"),
    ],
)
async def test_what_is_not_there(api, address, status, words):
    """A wrong address or word is answered with what to use instead."""
    answer = await api.get(address, follow_redirects=True)

    assert answer.status_code == status
    assert words in answer.text


async def test_a_person_who_does_not_exist_acknowledges_nothing(api):
    """`by` names a user of the plant, or is left out."""
    episode = (await raised(api))["episode"]
    answer = await api.post(f"/api/v1/alarms/{episode}/acknowledge", json={"by": "nobody"})

    assert answer.status_code == 404
    assert "there is no user 'nobody'" in answer.json()["detail"]


async def test_the_wrong_method_names_the_right_one(api):
    """405 carries Allow."""
    answer = await api.delete("/api/v1/alarms")

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, GET")


async def test_scripts_can_be_seen(api, services):
    """What answers calls."""
    default = services.library.default
    answer = (await api.get("/api/v1/scripts")).json()
    assert answer == {
        "projects": [
            {
                "project": ".", "release": default.id, "findings": [],
                "files": [{"name": "acknowledge.py", "hash": default.default[0].hash, "module": False}],
            }
        ]
    }  # fmt: skip


async def test_where_several_must_acknowledge_it_is_said_who_has_and_who_has_not(api, board, rules, db):
    """One of two has: the alarm waits, and names whom it waits for."""
    board.configure(rules, pipelines={"default", "night"}, ackers_needed={"night": 2})
    episode = (await raised(api))["episode"]
    asked = [
        NewNotice("r1", episode, person, "voice", "phone", "+46701234567", 3, 1)
        for person in ("maria", "jon")
    ]
    await db.write(lambda connection: add_in(connection, asked, 1))
    one = await api.post(f"/api/v1/alarms/{episode}/acknowledge", json={"by": "maria"})
    again = await api.post(f"/api/v1/alarms/{episode}/acknowledge", json={"by": "maria"})
    shown = (await api.get(f"/api/v1/alarms/{episode}")).json()

    assert one.json()["outcome"] == "ok"
    assert (again.json()["outcome"], again.json()["by"]) == ("already_acknowledged", "maria")
    assert (shown["acked"], shown["ackers"], shown["ackers_needed"]) == (False, ["maria"], 2)
    assert shown["not_acked"] == ["jon"]
    assert shown["timeline"][-1]["text"].endswith("1 of 2; it waits for 1 more")
