"""What a configuration's check says of people who could not be told, and of alarms nobody could take. Pure.

The same gaps that `gaps` finds, as findings at the keys that a reader would change, and the contacts that no
notification profile reaches. Empty rosters are for the people's own checks to tell.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from tocsin.config import Fault
from tocsin.people.spans import difference
from tocsin.pipelines.simulating.gaps import circles, gaps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tocsin.people.sections import UserSection
    from tocsin.people.spans import Span
    from tocsin.pipelines.simulating.gaps import Gap
    from tocsin.pipelines.simulating.what_if import WhatIf

YEAR_MS: Final = 366 * 24 * 3_600_000
"""So far a check looks ahead: every holiday and every turn of the clocks is in it."""


def unreachable(asked: WhatIf, users: Mapping[str, UserSection], now_ms: int) -> Iterator[Fault]:
    """Find what would keep people from being told within a year; all of them are warnings."""
    found = gaps(asked, now_ms, now_ms + YEAR_MS)
    named = [gap for gap in found if gap.kind == "circles"]
    yield from _endless([*named, *circles(asked, now_ms)])
    alone = {gap.name for gap in found if gap.kind == "person"}
    yield from _contacts(asked, users, alone)
    empty = {gap.name: gap.spans for gap in found if gap.kind == "roster"}
    zone = asked.routing.reach.timezone
    for gap in found:
        if gap.kind == "person":
            said = f"cannot be told of anything: {gap.why}; {gap.remedy}"
            yield Fault(("users", gap.name, "contacts"), said, "warning")
        elif gap.kind == "alarm":
            said = f"nobody is told of it or may acknowledge it: {gap.why}; {gap.remedy}"
            yield Fault(("alarms", gap.name), said, "warning")
        elif gap.kind == "pipeline" and not asked.routing.reach.directory.rosters:
            yield Fault(("rosters",), f"no alarm is told to anybody: {gap.why}; {gap.remedy}", "warning")
        elif gap.kind == "pipeline" and not _said_already(asked, gap, empty):
            said = f"tells nobody {when(gap.spans, zone, now_ms)} ({gap.why}); {gap.remedy}"
            yield Fault(("pipelines", gap.name), said, "warning")


def endless(asked: WhatIf, now_ms: int) -> Iterator[Fault]:
    """Find the pipelines that go in circles now, without telling anybody; quick enough for every save."""
    yield from _endless(circles(asked, now_ms))


def _endless(found: Sequence[Gap]) -> Iterator[Fault]:
    for gap in {one.name: one for one in reversed(found)}.values():
        if gap.name != "built-in":
            yield Fault(("pipelines", gap.name), f"has no end: {gap.why}; {gap.remedy}", "warning")


def _contacts(asked: WhatIf, users: Mapping[str, UserSection], alone: set[str]) -> Iterator[Fault]:
    """Find the contacts that no profile uses, of people who can be told otherwise."""
    reach = asked.routing.reach
    usable = {*reach.voice, *reach.messages}
    usable |= ({"phone"} if reach.voice else set()) | ({"sms"} if reach.messages else set())
    missing = {"phone": "[voice_profiles.NAME]", "sms": "[message_profiles.NAME]"}
    for name, user in users.items():
        for index, contact in enumerate(user.contacts if name not in alone else ()):
            if contact.type not in usable:
                add = missing.get(contact.type)
                remedy = (
                    f"add a {add}" if add else 'nobody is told by it yet; keep a "phone" or "sms" beside it'
                )
                said = f'no profile reaches contacts of type "{contact.type}"; {remedy}'
                yield Fault(("users", name, "contacts", index, "type"), said, "warning")


def _said_already(asked: WhatIf, gap: Gap, empty: Mapping[str, Sequence[Span]]) -> bool:
    """Whether a pipeline tells nobody only while all of its rosters are empty, which is said of those."""
    if gap.name not in asked.routing.pipelines:
        return True  # the built-in one has no key to point at
    plan = asked.routing.pipelines[gap.name].plan
    rosters = {getattr(block, "roster", None) for block in plan.blocks if hasattr(block, "roster")}
    return all(
        roster is not None and not difference(list(gap.spans), list(empty.get(roster, ())))
        for roster in rosters
    )


def when(spans: Sequence[Span], zone: str, now_ms: int) -> str:
    """Say when: the first stretch on the plant's wall clock, and how many more there are."""
    (from_ms, to_ms), more = spans[0], len(spans) - 1
    begin = "now" if from_ms <= now_ms else _written(from_ms, zone)
    if to_ms >= now_ms + YEAR_MS:
        return f"from {begin} on"
    again = f", and {more} time{'s' if more > 1 else ''} more within a year" if more else ""
    return f"from {begin} to {_written(to_ms, zone)}{again}"


def _written(at_ms: int, zone: str) -> str:
    return f"{datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M}"
