"""What other gateways on the same database have done to alarms, told from what the board remembers. Pure.

Several changes between two looks are one: a board's subscribers hear what is so now, not each step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.alarms.episode import AlarmChanged

if TYPE_CHECKING:
    from tocsin.alarms.episode import ChangeKind, Episode


def change_between(before: Episode | None, after: Episode) -> AlarmChanged:
    """Give what has become of an episode since `before`, by the change that matters most to people."""
    kind = "active" if before is None else _kind(before, after)
    person = {
        "acknowledged": after.acked_by,
        "partly-acknowledged": after.ackers[-1] if after.ackers else None,
        "shelved": after.shelved_by,
        "suppressed": after.suppressed_by,
        "out-of-service": after.out_of_service_by,
    }.get(kind)
    return AlarmChanged(kind, before, after, person)


def _kind(before: Episode, after: Episode) -> ChangeKind:
    kinds: list[tuple[bool, ChangeKind]] = [
        (after.state != before.state, "cleared"),
        (after.acked and not before.acked, "acknowledged"),
        (before.acked and not after.acked, "unacknowledged"),
        (after.ack_version != before.ack_version, "re-alarmed"),
        (len(after.ackers) > len(before.ackers), "partly-acknowledged"),
        *_aside(before.out_of_service_ms, after.out_of_service_ms, "out-of-service", "returned-to-service"),
        *_aside(before.suppressed_ms, after.suppressed_ms, "suppressed", "unsuppressed"),
        *_aside(before.shelved_until_ms, after.shelved_until_ms, "shelved", "unshelved"),
    ]
    return next((kind for holds, kind in kinds if holds), "updated")


def _aside(
    before_ms: int | None, after_ms: int | None, put: ChangeKind, over: ChangeKind
) -> list[tuple[bool, ChangeKind]]:
    changed = before_ms != after_ms
    return [(changed and after_ms is not None, put), (changed and after_ms is None, over)]
