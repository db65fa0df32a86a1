"""When time does something to an alarm, as pure arithmetic over an episode and its rule."""

from dataclasses import replace

import pytest

from tocsin.alarms.aside import MaintenanceOver
from tocsin.alarms.episode import Episode
from tocsin.alarms.sections import AlarmSection
from tocsin.alarms.timing import AckTimeout, ReAlarm, ShelvingOver, next_due, timed_out

T = 1_700_000_000_000
MINUTE = 60_000
BOTH = AlarmSection.model_validate({"ackTimeoutSeconds": 600, "reAlarmSeconds": 3600})
ACTIVE = Episode(id="e", path="p", name="n", priority="High", active_ms=T)
ACKED = replace(ACTIVE, acked_ms=T + MINUTE, acked_by="maria", acked_via="voice")

CASES = {
    "an active alarm is told anew": (ACTIVE, BOTH, T + 60 * MINUTE, ReAlarm),
    "an acknowledgement times out": (ACKED, BOTH, T + 11 * MINUTE, AckTimeout),
    "without a rule nothing happens": (ACTIVE, None, None, None),
    "without these keys nothing happens": (ACKED, AlarmSection(), None, None),
    "re-alarm counts from the acknowledgement": (
        ACKED, AlarmSection.model_validate({"reAlarmSeconds": 3600}), T + 61 * MINUTE, ReAlarm,
    ),
    "and from the re-alarm before": (replace(ACTIVE, re_alarmed_ms=T + 90 * MINUTE), BOTH, T + 150 * MINUTE, ReAlarm),
    "a cleared alarm is not told anew": (replace(ACKED, state="cleared", cleared_ms=T + MINUTE), BOTH, None, None),
    "nor one that waits for its acknowledgement": (replace(ACTIVE, state="cleared", cleared_ms=T + 1), BOTH, None, None),
    "a rule's own acknowledgement does not time out": (
        replace(ACKED, acked_by=None, acked_via="unused"), BOTH, T + 61 * MINUTE, ReAlarm,
    ),
    "shelving ends": (replace(ACKED, shelved_until_ms=T + 15 * MINUTE), BOTH, T + 15 * MINUTE, ShelvingOver),
    "also without a rule": (replace(ACTIVE, shelved_until_ms=T + 15 * MINUTE), None, T + 15 * MINUTE, ShelvingOver),
    "maintenance ends": (
        replace(ACTIVE, out_of_service_ms=T, out_of_service_until_ms=T + 90 * MINUTE), BOTH, T + 90 * MINUTE,
        MaintenanceOver,
    ),
    "maintenance without an end does not": (replace(ACTIVE, out_of_service_ms=T), BOTH, None, None),
    "what is suppressed waits": (replace(ACKED, suppressed_ms=T), BOTH, None, None),
    "the earlier end goes first": (
        replace(ACTIVE, shelved_until_ms=T + 9, out_of_service_ms=T, out_of_service_until_ms=T + 5), BOTH, T + 5,
        MaintenanceOver,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_when_and_what(case):
    """Nothing a millisecond before it is due, and what is due from then on."""
    episode, rule, due_ms, event = CASES[case]

    assert next_due(episode, rule) == due_ms
    if due_ms is None:
        assert timed_out(episode, rule, T * 2) is None
    else:
        assert timed_out(episode, rule, due_ms - 1) is None
        assert type(timed_out(episode, rule, due_ms)) is event
