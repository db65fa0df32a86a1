"""Forgetting what is known of telephone numbers: whether they can be reached, and why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from tocsin.channels.tables import contact_states

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


def forget_in(conn: Connection, numbers: Sequence[str]) -> int:
    """Remove the state of these numbers; return how many rows went."""
    return conn.execute(delete(contact_states).where(contact_states.c.number.in_(numbers))).rowcount
