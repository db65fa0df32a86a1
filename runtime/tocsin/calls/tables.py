"""The tables of calls, their turns and the effects scripts had. No query stands here."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from tocsin.db import BigKey, Json, Ms, metadata

_LIVE = text("ended_ms IS NULL")
_NOT_KNOWN = text("state IN ('intent', 'unknown')")

calls = Table(
    "ts_call",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sid", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("own_number", Text, nullable=False),
    Column("person", Text),
    Column("identified", Text),
    Column("profile", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("release_id", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("language", Text, nullable=False),
    Column("answered_by", Text, nullable=False),
    Column("pressed", Boolean, nullable=False),
    Column("session", Text, nullable=False),
    Column("heard", Text, nullable=False),
    Column("heard_next", Text),
    Column("state", Text, nullable=False, default=""),  # of the request to Twilio: see attempt.py
    Column("why", Text, nullable=False, default=""),
    Column("code", Integer),
    Column("refusal", Text, nullable=False, default=""),  # what a refusal is about: see refusals.py
    Column("sought_ms", Ms),  # when Twilio's list was first looked through for it in vain
    Column("possible_duplicate", Boolean, nullable=False, default=False),
    Column("passed", Boolean, nullable=False, default=False),
    Column("outcome", Text),
    Column("outcome_why", Text, nullable=False, default=""),
    Column("duration_s", Integer),
    Column("billed_minutes", Integer),
    Column("started_ms", Ms, nullable=False),
    Column("ended_ms", Ms),
    CheckConstraint("direction in ('inbound', 'outbound')", name="direction"),
    Index("ix_ts_call_sid", "account", "sid"),
    Index("ix_ts_call_placed", "account", "direction", "started_ms"),
    Index("ix_ts_call_started", "started_ms"),
    Index("ix_ts_call_ended", "ended_ms"),
    Index("ix_ts_call_live", "account", sqlite_where=_LIVE, postgresql_where=_LIVE),
)

turns = Table(
    "ts_turn",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("call_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("at_ms", Ms, nullable=False),
    Column("params", Text, nullable=False),
    Column("given", Text, nullable=False),
    Column("answered", Text, nullable=False),
    Column("release_id", Text, nullable=False),
    Column("twiml", Text, nullable=False),
    Column("log", Text, nullable=False),
    Column("failure", Text, nullable=False),
    Column("took_us", Integer, nullable=False),
    Index("ix_ts_turn_call", "call_id", "number"),
    Index("ix_ts_turn_key", "key"),
)

effects = Table(
    "ts_effect",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("call_id", Text, ForeignKey("ts_call.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("at_ms", Ms, nullable=False),
    UniqueConstraint("call_id", "key", "ordinal"),
)

status_events = Table(
    "ts_call_status",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("account", Text, nullable=False),
    Column("sid", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("at_ms", Ms, nullable=False),
    Column("params", Text, nullable=False),
    UniqueConstraint("account", "sid", "sequence"),
)

messages = Table(
    "ts_message",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("sid", Text),
    Column("direction", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("own_number", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("code", Integer),
    Column("refusal", Text, nullable=False, default=""),
    Column("sought_ms", Ms),
    Column("person", Text),
    Column("profile", Text, nullable=False, default=""),
    Column("possible_duplicate", Boolean, nullable=False, default=False),
    Column("call_id", Text),
    Column("at_ms", Ms, nullable=False),
    UniqueConstraint("account", "sid"),
    CheckConstraint("direction in ('inbound', 'outbound')", name="direction"),
    Index("ix_ts_message_at", "account", "at_ms"),
    Index("ix_ts_message_not_known", "at_ms", sqlite_where=_NOT_KNOWN, postgresql_where=_NOT_KNOWN),
)

message_status = Table(
    "ts_message_status",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("account", Text, nullable=False),
    Column("sid", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("at_ms", Ms, nullable=False),
    UniqueConstraint("account", "sid", "status"),
)

# What a number in a text stands for, for the telephone that got it: one row per code and episode. A code that
# stands for several names a whole text of them.
text_codes = Table(
    "ts_text_code",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("number", Text, nullable=False),  # of the telephone
    Column("code", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("episode_id", Text, nullable=False),
    Column("ack_version", Integer, nullable=False),
    Column("told_ms", Ms, nullable=False),  # when it last stood in a text
    UniqueConstraint("number", "code", "episode_id"),
    Index("ix_ts_text_code_told", "told_ms"),
)

# What a telephone was last asked by text, and how often it was answered without anything having been done.
text_dialogues = Table(
    "ts_text_dialogue",
    metadata,
    Column("number", Text, primary_key=True),
    Column("question", Json),  # None: nothing is asked
    Column("asked_ms", Ms),
    Column("replies", Integer, nullable=False, default=0),
    Column("replied_ms", Ms, nullable=False, default=0),
)

# One row per call or message that was ever counted, kept when the call's own row is long gone: whatever
# Twilio tells again, or an attacker sends again, counts no second time. A key is a hash, so that the table
# stays small and names nobody.
counted = Table(
    "ts_counted",
    metadata,
    Column("key", BigKey, primary_key=True, autoincrement=False),
    Column("minutes", Integer, nullable=False, default=0),
)

number_counts = Table(
    "ts_number_count",
    metadata,
    Column("number", Text, primary_key=True),
    Column("messages_received", Integer, nullable=False, default=0),
    Column("messages_sent", Integer, nullable=False, default=0),
    Column("calls_received", Integer, nullable=False, default=0),
    Column("calls_sent", Integer, nullable=False, default=0),
    Column("call_minutes_received", Integer, nullable=False, default=0),
    Column("call_minutes_sent", Integer, nullable=False, default=0),
)
