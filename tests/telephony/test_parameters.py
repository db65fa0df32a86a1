"""The parameters that scripts know by name."""

import json
from pathlib import Path

import pytest

from tocsin.telephony import parameters
from tocsin.telephony.builders import NAMES
from tocsin.telephony.parameters import MESSAGE, MESSAGE_STATUS, VOICE, VOICE_GLOBALS, help_for

RECORDED = json.loads((Path(__file__).parents[1] / "data/webhook_requests.json").read_text("utf-8"))[
    "requests"
]


def test_what_scripts_use_most_is_global():
    """Keys, speech, who calls, how a dialled leg ended, who answered."""
    assert {
        "CallSid", "From", "To", "FromCity", "CalledZip", "Digits", "SpeechResult", "Confidence", "RecordingUrl",
        "DialCallStatus", "AnsweredBy", "StirVerstat", "CallDuration", "Duration", "SequenceNumber", "ErrorCode",
    } <= VOICE_GLOBALS  # fmt: skip


def test_no_global_hides_another():
    """A parameter that is called like a builder is read from `params`; every global is a plain name."""
    assert not VOICE_GLOBALS & set(NAMES)
    assert set(VOICE) - VOICE_GLOBALS == {"Language"}
    assert all(name.isidentifier() and name[0].isupper() for name in VOICE_GLOBALS)


@pytest.mark.parametrize("name", sorted({*VOICE, *MESSAGE, *MESSAGE_STATUS, "MediaUrl7", "SipHeader_X-Line"}))
def test_every_parameter_has_a_line_of_help(name):
    """Short enough for a completion list, and more than its name."""
    assert 8 < len(help_for(name)) <= 100
    assert "\n" not in help_for(name)


def test_an_unknown_name_has_none():
    """New parameters appear without notice; they are only not explained."""
    assert help_for("Brandnew") == ""


def test_recorded_requests_use_known_names():
    """All but undocumented ones are listed."""
    seen = {name for r in RECORDED for name, _ in r["params"]}
    assert {name for name in seen if not help_for(name)} <= {"msg", "Junk"}
    assert parameters.CALL.keys() <= VOICE.keys()
