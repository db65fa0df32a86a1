"""The tables of the journal and of the audit. Rows are added, never changed; only retention removes them.

Forgetting a person takes their name out of rows and leaves the rows.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint

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

# What names a person stands in `person` and `personal` alone, and can be taken out: the chain of hashes
# covers only `digest`, which is salted.
audit = Table(
    "ts_audit",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("profile", Text, nullable=False),
    Column("number", Integer, nullable=False),  # counts within the profile, without gaps
    Column("at_ms", Ms, nullable=False),
    Column("episode_id", Text),
    Column("action", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("via", Text, nullable=False, default=""),
    Column("call_id", Text),
    Column("message_id", Text),
    Column("data", Json, nullable=False),
    Column("person", Text),  # the username; a pseudonym, once the person is forgotten
    Column("personal", Json),  # {"salt", "number", "note", ...}; None, once the person is forgotten
    Column("digest", Text, nullable=False),  # of person and personal, as they were written
    Column("previous", Text, nullable=False),  # the hash of the row before; of the anchor, where that is gone
    Column("hash", Text, nullable=False),
    UniqueConstraint("profile", "number"),
    Index("ix_ts_audit_episode", "episode_id"),
    Index("ix_ts_audit_person", "person"),
)

audit_anchors = Table(
    "ts_audit_anchor",
    metadata,
    Column("profile", Text, primary_key=True),
    Column("number", Integer, nullable=False),  # of the last row that retention removed
    Column("hash", Text, nullable=False),
    Column("at_ms", Ms, nullable=False),
    Column("signature", Text, nullable=False),
)
