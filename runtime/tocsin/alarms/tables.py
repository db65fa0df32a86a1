"""The tables of alarms, of their episodes, and of the notices that tell people. No query stands here."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
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

# SQLite takes an index for part of a table only where a query says the same, word by word.
ACTIVE: Final = text("state = 'active'")
CLEARED: Final = text("state = 'cleared'")
OPEN: Final = text("(state = 'active' OR acked_ms IS NULL)")
_ASIDE: Final = text(
    "(shelved_until_ms IS NOT NULL OR suppressed_ms IS NOT NULL OR out_of_service_ms IS NOT NULL)"
)


def _standing() -> list[Column[Any]]:
    """Make the columns that say that an alarm is suppressed by design, or out of service."""
    return [
        Column("suppressed_ms", Ms),
        Column("suppressed_by", Text),
        Column("suppressed_rule", Text, nullable=False, default=""),
        Column("suppressed_reason", Text, nullable=False, default=""),
        Column("out_of_service_ms", Ms),
        Column("out_of_service_by", Text),
        Column("out_of_service_reason", Text, nullable=False, default=""),
        Column("out_of_service_until_ms", Ms),
    ]


# Alarms put aside beyond one activation; an alarm without a row is in service and not suppressed.
standings = Table(
    "ts_alarm",
    metadata,
    Column("path", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    *_standing(),
)

episodes = Table(
    "ts_episode",
    metadata,
    Column("id", Text, primary_key=True),
    Column("path", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("display_path", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("notes", Text, nullable=False),
    Column("value", Json),
    Column("data", Json, nullable=False),
    Column("pipeline", Text),
    Column("ack_mode", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("active_ms", Ms, nullable=False),
    Column("cleared_ms", Ms),
    Column("acked_ms", Ms),
    Column("acked_by", Text),
    Column("acked_via", Text),
    Column("note", Text, nullable=False),
    Column("ackers", Json, nullable=False, default=list),
    Column("ackers_needed", Integer, nullable=False, default=1),
    Column("shelved_until_ms", Ms),
    Column("shelved_by", Text),
    *_standing(),
    Column("ack_version", Integer, nullable=False, default=1),
    Column("re_alarmed_ms", Ms),
    Column("version", Integer, nullable=False),
    CheckConstraint("state IN ('active', 'cleared')", name="state"),
    CheckConstraint("ack_mode IN ('Manual', 'Auto', 'Unused')", name="ack_mode"),
    CheckConstraint("priority IN ('Diagnostic', 'Low', 'Medium', 'High', 'Critical')", name="priority"),
    CheckConstraint("(state = 'cleared') = (cleared_ms IS NOT NULL)", name="cleared"),
    # One alarm is never active twice, whoever raises it and however many replicas take the event.
    Index("uq_ts_episode_active", "path", "name", unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE),
    Index("ix_ts_episode_open", "active_ms", sqlite_where=OPEN, postgresql_where=OPEN),
    Index("ix_ts_episode_aside", "active_ms", sqlite_where=_ASIDE, postgresql_where=_ASIDE),
    Index("ix_ts_episode_when", "active_ms"),
    Index("ix_ts_episode_cleared", "path", "name", sqlite_where=CLEARED, postgresql_where=CLEARED),
)

_TO_DO = text("state <> 'done'")

notices = Table(
    "ts_notice",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("episode_id", Text, ForeignKey("ts_episode.id"), nullable=False),
    Column("run_id", Text),  # None: nobody planned it, the person rang in
    Column("person", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("profile", Text, nullable=False, default=""),
    Column("number", Text, nullable=False, default=""),
    Column("state", Text, nullable=False, default="done"),
    Column("priority", Integer, nullable=False, default=0),
    Column("created_ms", Ms, nullable=False),
    Column("due_ms", Ms),
    Column("call_id", Text),
    Column("message_id", Text),
    Column("placed_ms", Ms),
    Column("heard_ms", Ms),
    Column("ended_ms", Ms),
    Column("outcome", Text),
    Column("why", Text, nullable=False, default=""),
    Column("held_ms", Ms),  # since when, and until when at the latest, a throttle holds or held it back
    Column("held_until_ms", Ms),
    Column("held_why", Text, nullable=False, default=""),
    UniqueConstraint("episode_id", "person", "attempt"),
    CheckConstraint("state IN ('queued', 'placed', 'done')", name="state"),
    Index("ix_ts_notice_call", "call_id", "priority"),
    Index("ix_ts_notice_message", "message_id", "priority"),
    Index("ix_ts_notice_run", "run_id"),
    Index("ix_ts_notice_to_do", "channel", "state", "due_ms", sqlite_where=_TO_DO, postgresql_where=_TO_DO),
)

# Areas in a flood of alarms now; how floods began and ended stands in the journal.
floods = Table(
    "ts_flood",
    metadata,
    Column("area", Text, primary_key=True),
    Column("began_ms", Ms, nullable=False),
    Column("alarms", Integer, nullable=False),
)
