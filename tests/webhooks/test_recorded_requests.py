"""Realistic signed webhook requests, sent as raw bytes to a running `tocsin serve`, end as they should."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from xml.etree import ElementTree

import httpx2
import pytest
from tests.plant import write_project
from tests.serving import served

RECORDED = json.loads((Path(__file__).parent.parent / "data" / "webhook_requests.json").read_text())
REQUESTS = {one["name"]: one for one in RECORDED["requests"]}


class Plant:
    """The running gateway and what it has on disk."""

    def __init__(self, url: str, database: Path) -> None:
        self.client = httpx2.Client(base_url=url, timeout=10)
        self.database = database

    def send(self, name: str, **headers: str) -> httpx2.Response:
        """Send one recorded request, bytes unchanged."""
        one = REQUESTS[name]
        path = one["url"].removeprefix(RECORDED["meta"]["base"])
        return self.client.request(
            one["method"], path, content=one["body"].encode(), headers={**one["headers"], **headers}
        )

    def rows(self, query: str, *values: str) -> list[sqlite3.Row]:
        """Read from the gateway's database; traces reach it within a second, so ask again until they are there."""
        for _ in range(100):
            with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
                db.row_factory = sqlite3.Row
                found = db.execute(query, values).fetchall()
            if found:
                return found
            self.client.get("/healthz")
        return []

    def params(self, name: str) -> dict[str, str]:
        """Return what the record of a voice turn says its parameters were."""
        rows = self.rows(
            "select params from ts_turn join ts_call on ts_call.id = call_id where sid = ?", sid_of(name)
        )
        return json.loads(rows[-1]["params"])


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """A running gateway with a script that says every parameter it was given."""
    folder = write_project(tmp_path_factory.mktemp("recorded") / "plant")
    with served(folder) as (url, _):
        plant = Plant(url, folder / ".tocsin" / "tocsin.db")
        with plant.client:
            yield plant


def sid_of(name: str) -> str:
    """Return the CallSid or MessageSid of a recorded request."""
    params = dict(REQUESTS[name]["params"])
    return params.get("CallSid") or params["MessageSid"]


VOICE_TURNS = [
    name
    for name, one in REQUESTS.items()
    if one["group"] in ("voice", "inbound-voice", "inbound") or "twilio-voice" in one["path"]
    if not any(f"/{action}/" in one["path"] for action in ("status", "amd", "fallback"))
    if "ambiguous" not in one["expect"]
]
EVENTS = [name for name, one in REQUESTS.items() if "/status/" in one["path"] or "/amd/" in one["path"]]
INBOUND_TEXTS = [name for name, one in REQUESTS.items() if "/twilio-message/inbound/" in one["path"]]


@pytest.mark.parametrize("name", VOICE_TURNS)
def test_a_voice_turn_is_answered_with_twiml_and_recorded_as_it_came(plant, name):
    """Each voice request gets TwiML, and its record holds the parameters, PINs excepted."""
    answer = plant.send(name)

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/xml")
    assert "<Response>" in answer.text
    kept = plant.params(name)
    expect = REQUESTS[name]["expect"]
    wanted = {
        "Digits": expect.get("digits"),
        "RecordingDuration": expect.get("recording_duration"),
        "DialCallStatus": expect.get("dial_status"),
        "StirVerstat": expect.get("stir"),
        "AnsweredBy": expect.get("answered_by"),
    }
    for parameter, value in wanted.items():
        if value is not None:
            assert kept[parameter] == str(value)
    assert {key: kept[key] for key in kept if key != "Digits"} == {
        key: value for key, value in REQUESTS[name]["params"] if key != "Digits"
    }


@pytest.mark.parametrize("name", ["voice-answer-amd-machine_end_other", "voice-answer-amd-fax"])
def test_who_answered_stands_in_the_call_record(plant, name):
    """What machine detection found is part of the call."""
    plant.send(name)

    (row,) = plant.rows("select answered_by from ts_call where sid = ?", sid_of(name))
    assert row["answered_by"] == REQUESTS[name]["expect"]["answered_by"]


def test_a_redirected_turn_reaches_the_action_in_its_path(plant):
    """callAction is the second-last part of the path."""
    plant.send("voice-redirect-refetch")

    (row, *_) = plant.rows(
        "select action from ts_turn join ts_call on ts_call.id = call_id where sid = ?",
        sid_of("voice-redirect-refetch"),
    )
    assert row["action"] == REQUESTS["voice-redirect-refetch"]["expect"]["action"]


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_is_answered_with_204(plant, name):
    """Status and machine-detection events get no content, which Twilio takes as success."""
    assert plant.send(name).status_code == 204


@pytest.mark.parametrize("name", [name for name in EVENTS if name.startswith("status-")])
def test_a_status_event_is_kept_once_with_what_it_said(plant, name):
    """However often Twilio sends an event, it is kept once, with status, seconds and billed minutes."""
    plant.send(name)
    plant.send(name)

    params, expect = dict(REQUESTS[name]["params"]), REQUESTS[name]["expect"]
    rows = plant.rows(
        "select * from ts_call_status where sid = ? and sequence = ?", sid_of(name), params["SequenceNumber"]
    )
    assert len(rows) == 1
    kept = json.loads(rows[0]["params"])
    assert rows[0]["status"] == expect.get("call_status", params["CallStatus"])
    for key, parameter in (
        ("duration", "CallDuration"),
        ("billed_minutes", "Duration"),
        ("error_code", "ErrorCode"),
    ):
        if key in expect:
            assert kept[parameter] == str(expect[key])


def test_the_fallback_answers_without_scripts_or_database(plant):
    """Twilio's fallback request gets one sentence and the end of the call."""
    answer = plant.send("voice-fallback-11200")

    assert answer.status_code == 200
    assert "Alarms that are not acknowledged stay open" in answer.text


@pytest.mark.parametrize("name", INBOUND_TEXTS)
def test_an_inbound_text_is_answered_with_empty_twiml_and_kept_once_without_its_pin(plant, name):
    """Every text is taken, kept once by MessageSid, and whatever could be a PIN is not on disk."""
    for _ in range(2):
        answer = plant.send(name)
        assert answer.status_code == 200
        said = ElementTree.fromstring(answer.content)
        assert (said.tag, len(said)) == ("Response", 0)

    rows = plant.rows("select * from ts_message where sid = ?", sid_of(name))
    assert len(rows) == 1
    assert "4711" not in rows[0]["body"]
    assert rows[0]["number"] == dict(REQUESTS[name]["params"])["From"]


def test_a_text_in_another_script_is_kept_as_it_was_written(plant):
    """Right-to-left text survives, byte for byte, around the PIN."""
    plant.send("sms-rtl")

    (row,) = plant.rows("select body from ts_message where sid = ?", sid_of("sms-rtl"))
    assert row["body"] == dict(REQUESTS["sms-rtl"]["params"])["Body"].replace("4711", "PIN#")


def test_opting_in_again_is_noted(plant):
    """START keeps its meaning."""
    plant.send("sms-optout-start")

    (row,) = plant.rows("select state from ts_message where sid = ?", sid_of("sms-optout-start"))
    assert row["state"] == "start"


@pytest.mark.parametrize("name", [name for name in EVENTS if name.startswith("msgstatus-")])
def test_a_message_status_is_kept_once(plant, name):
    """A receipt counts once by MessageSid and status."""
    plant.send(name)
    plant.send(name)

    rows = plant.rows("select status from ts_message_status where sid = ?", sid_of(name))
    assert [row["status"] for row in rows] == [REQUESTS[name]["expect"]["message_status"]]


def test_two_values_for_one_parameter_are_refused(plant):
    """A request that can be read in two ways is read in none."""
    answer = plant.send("odd-duplicate-digits")

    assert answer.status_code == 400
    assert "Digits" in answer.text


@pytest.mark.parametrize("name", list(REQUESTS))
def test_no_request_passes_with_another_signature(plant, name):
    """A signature that does not fit is answered with 403, whatever the request (400 where it is no form)."""
    answer = plant.send(name, **{"X-Twilio-Signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="})

    assert answer.status_code == (400 if name == "odd-duplicate-digits" else 403)


def test_a_body_beyond_256_kib_is_refused(plant):
    """What no webhook can be is not read to its end."""
    answer = plant.client.post("/main/system/twilio-voice/answer/0", content=b"x=" + b"y" * 300_000)

    assert answer.status_code == 413


def test_a_path_that_is_no_webhook_is_not_found(plant):
    """callAction and id are both needed."""
    assert plant.client.post("/main/system/twilio-voice/answer").status_code == 404
