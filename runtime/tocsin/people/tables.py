"""The tables of PIN entry: each wrong try of a person or number, and up to which they are forgiven.

A subject is `user:NAME` or `number:+46...`. The digits that were entered are nowhere.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from tocsin.db import BigKey, Ms, metadata

pin_failure = Table(
    "ts_pin_failure",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("at_ms", Ms, nullable=False),
    Column("via", Text, nullable=False),  # "voice" or "sms"
    Column("step", Text, nullable=False, default=""),  # the entry, while it is not settled
    Index("ix_ts_pin_failure_subject", "subject", "id"),
    # SQLite would give the ids of removed rows again: tries that come after a mark would be below it.
    sqlite_autoincrement=True,
)

# Ids, not times, say what came before what: two tries may fall into one millisecond, and clocks are set back.
pin_success = Table(
    "ts_pin_success",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("at_ms", Ms),  # of the last right PIN
    Column("failure_id", BigKey, nullable=False, default=0),  # the last wrong one before it
    Column("reset_failure_id", BigKey, nullable=False, default=0),  # the last wrong one before a reset
)
