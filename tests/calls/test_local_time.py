"""The plant's time in what scripts are given: right at every moment, the nights the clocks change included."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tocsin.calls.services import Services

ZONES = ["Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]
CHANGES = [
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
]


class InZone:
    """As much of the services as a time needs."""

    def __init__(self, zone):
        self.timezone = ZoneInfo(zone)


@given(
    st.sampled_from(ZONES),
    st.sampled_from(CHANGES),
    st.integers(min_value=-12 * 3_600_000, max_value=12 * 3_600_000),
)
def test_a_moment_has_the_offset_of_its_own_hour(zone, change, beside_ms):
    """Also in the hours around a change of the clocks, where the wall clock alone does not say which it is."""
    moment = change + timedelta(milliseconds=beside_ms)
    at_ms = int(moment.timestamp() * 1000)

    _, offset_s = Services.local(InZone(zone), at_ms)

    told = datetime.fromtimestamp(at_ms / 1000, timezone(timedelta(seconds=offset_s)))
    assert told.replace(tzinfo=None) == moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
