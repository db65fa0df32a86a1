"""What a log line shows of a fault: where it happened, and nothing that anybody entered."""

import json
import logging

import pytest
import structlog

from tocsin.gateway import logs


@pytest.fixture
def configured():
    """Configure logging as a command does, and put it back."""
    yield logs.configure
    structlog.reset_defaults()


def fail_with_a_pin_at_hand():
    entered = "4711"
    try:
        raise RuntimeError(f"a turn with {len(entered)} digits broke")
    except RuntimeError:
        structlog.get_logger("tests").exception("turn-failed")


@pytest.mark.parametrize("plain", [True, False])
def test_a_traceback_shows_where_and_never_what_was_entered(configured, capsys, plain):
    """The file and the sentence are there, in words and in JSON; the PIN in a local variable is not."""
    configured(plain=plain)
    fail_with_a_pin_at_hand()

    said = capsys.readouterr().err
    assert "test_logs.py" in said
    assert "a turn with 4 digits broke" in said
    assert "4711" not in said


def test_a_traceback_is_part_of_its_json_line(configured, capsys):
    """A machine reads one line, with the traceback in it."""
    configured(plain=False)
    fail_with_a_pin_at_hand()

    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "turn-failed"
    assert "RuntimeError" in json.loads(line)["exception"]


def test_what_a_library_warns_of_is_a_line_like_any_other(configured, capsys):
    """One JSON object a line, whoever logs; configured twice, it is still one."""
    configured(plain=True)
    configured(plain=False)
    logging.getLogger("sqlalchemy.pool").warning("the pool is %s", "empty")

    (line,) = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert (said["event"], said["said"], said["level"]) == ("library", "the pool is empty", "warning")
    assert said["logger"] == "sqlalchemy.pool"
