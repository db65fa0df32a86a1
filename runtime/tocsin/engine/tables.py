"""The table of what is due. No query stands here."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint

from tocsin.db import BigKey, Ms, metadata

timers = Table(
    "ts_timer",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("due_ms", Ms, nullable=False),
    Column("priority", Integer, nullable=False, default=0),  # lower goes first
    Column("serial", Integer, nullable=False, default=1),  # grows whenever the key is enqueued anew
    Column("owner", Text),
    Column("lease_ms", Ms),
    Column("tries", Integer, nullable=False, default=0),
    UniqueConstraint("queue", "key"),
    Index("ix_ts_timer_due", "queue", "due_ms"),
)
