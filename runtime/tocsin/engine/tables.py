"""The table of what is due. No query stands here."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint, text

from tocsin.db import BigKey, Ms, metadata

_FREE = text("owner IS NULL")
_TAKEN = text("owner IS NOT NULL")

timers = Table(
    "ts_timer",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("due_ms", Ms, nullable=False),
    Column("priority", Integer, nullable=False, default=0),  # lower goes first
    Column("serial", Integer, nullable=False, default=1),  # another one whenever the key is enqueued anew
    Column("owner", Text),  # who runs it now; None while it waits
    Column("lease_ms", Ms),  # until when the owner means to have it done
    Column("tries", Integer, nullable=False, default=0),  # how often it was claimed since it was enqueued
    # When `due_ms` was reckoned, and by whose clock: where that is set, the due time follows it.
    Column("reckoned_ms", Ms, nullable=False, default=0),
    Column("reckoned_by", Text, nullable=False, default=""),
    UniqueConstraint("queue", "key"),
    # A claim reads what is due from the index alone, however much else waits.
    Index("ix_ts_timer_due", "queue", "due_ms", "priority", sqlite_where=_FREE, postgresql_where=_FREE),
    Index("ix_ts_timer_taken", "owner", sqlite_where=_TAKEN, postgresql_where=_TAKEN),
)
