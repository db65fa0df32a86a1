"""The table of the journal. Rows are added, never changed; only retention removes them."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from tocsin.db import BigKey, Json, Ms, metadata

journal = Table(
    "ts_journal",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("at_ms", Ms, nullable=False),
    Column("kind", Text, nullable=False),  # dotted: "alarm.acknowledged", "call.turn", "config.refused"
    Column("subject", Text, nullable=False),  # the id of what it is about: an episode, a call, a person
    Column("person", Text),  # the username of who did it, where somebody did
    Column("data", Json),
    Index("ix_ts_journal_subject", "subject", "id"),
    Index("ix_ts_journal_kind", "kind", "id"),
    Index("ix_ts_journal_at", "at_ms"),
)
