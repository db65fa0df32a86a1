"""Who has acknowledged an alarm, in one line: one person, or as many as have to."""

from __future__ import annotations

import pytest

from tocsin.cli import story

ALARM = {
    "label": "Pump 2 high level", "name": "High level", "path": "Plant/Pump 2/High level", "priority": "High",
    "state": "active", "active_ms": 1_767_225_600_000, "value": None, "id": "e1", "notes": "", "timeline": [],
    "acked": False, "acked_by": None, "acked_via": None, "ackers": [], "ackers_needed": 1, "not_acked": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "listed", "shown"),
    [
        ({}, "", "unacknowledged"),
        ({"acked": True, "acked_by": "jon"}, "jon", "acknowledged by jon"),
        ({"acked": True, "acked_via": "auto"}, "", "acknowledged by itself"),
        ({"acked": True, "acked_via": "unused"}, "", "needs no acknowledgement"),
        ({"ackers_needed": 2, "not_acked": ["maria", "jon"]}, "0 of 2", "unacknowledged, 0 of 2"),
        (
            {"ackers_needed": 3, "ackers": ["maria", "eva"], "not_acked": ["jon"]},
            "maria and eva, 2 of 3", "acknowledged by maria and eva, 2 of 3",
        ),
        (
            {"ackers_needed": 2, "ackers": ["maria", "jon"], "acked": True, "acked_by": "jon"},
            "maria and jon", "acknowledged by maria and jon",
        ),
    ],
)  # fmt: skip
def test_who_has_acknowledged(capsys, more, listed, shown):
    """In the list, in the head of one alarm, and below it who was asked to and has not."""
    alarm = ALARM | more
    story.show(alarm)
    lines = capsys.readouterr().out.splitlines()

    assert story.ackers(alarm) == listed
    assert any(line.endswith(f"High · active · {shown}") for line in lines[:2])
    missing = [line for line in lines if "not acknowledged" in line]
    assert missing == (
        [f"{', '.join(alarm['not_acked'])} {_have(alarm)} not acknowledged"] if missing else []
    )
    assert bool(missing) == bool(alarm["not_acked"])


def _have(alarm):
    return "has" if len(alarm["not_acked"]) == 1 else "have"
