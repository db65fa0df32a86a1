"""Acknowledgements outside of calls and texts: over the REST interface, the command line, a script.

They belong to no notification profile, so the gateway says in which audit they stand. Those made in a call
or by text are audited where they happen, with the call or text they belong to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.journal.audit import append_in
from tocsin.journal.chain import AuditRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from tocsin.alarms import AlarmChanged
    from tocsin.alarms.board import AlsoIn
    from tocsin.gateway.configuration import Configuration

_BY_ITSELF: Final = frozenset({"auto", "unused"})
_WITH_THEIR_OWN: Final = frozenset({"voice", "sms"})


def audit_profile(value: Configuration) -> str | None:
    """Name the audit of what is done outside of calls and texts: the one configured, or the only one."""
    if value.gateway.audit_profile is not None:
        return value.gateway.audit_profile
    return next(iter(value.audit_profiles)) if len(value.audit_profiles) == 1 else None


def audited(configuration: Callable[[], Configuration]) -> AlsoIn:
    """Make what `Board.also_in` takes: a row for each acknowledgement that no call and no text carries."""

    def changed_in(conn: Connection, changes: Sequence[AlarmChanged], now_ms: int) -> None:
        value = configuration()
        profile = audit_profile(value)
        rows = [_row(one, value, now_ms) for one in changes if _is_ours(one)]
        if profile is not None and rows:
            append_in(conn, profile, rows)

    return changed_in


def _is_ours(change: AlarmChanged) -> bool:
    via = change.episode.acked_via
    return change.kind == "acknowledged" and via not in _BY_ITSELF and via not in _WITH_THEIR_OWN


def _row(change: AlarmChanged, value: Configuration, now_ms: int) -> AuditRow:
    episode = change.episode
    by = episode.acked_by
    is_person = by in value.users
    return AuditRow(
        now_ms,
        "acknowledge",
        "ok",
        person=by if is_person else None,
        note=episode.note or "",
        episode_id=episode.id,
        via=episode.acked_via or "",
        data={} if is_person else {"by": by},
    )
