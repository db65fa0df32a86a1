"""The tables of pipeline runs and of the blocks they began with. No query stands here."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from tocsin.db import Json, Ms, metadata

_RUNNING = text("state = 'running'")

plans = Table(
    "ts_plan",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("blocks", Json, nullable=False),
    Column("created_ms", Ms, nullable=False),
)

runs = Table(
    "ts_run",
    metadata,
    Column("id", Text, primary_key=True),
    Column("episode_id", Text, ForeignKey("ts_episode.id"), nullable=False),
    Column("hook", Text, nullable=False),
    Column("pipeline", Text, nullable=False),  # "" is the built-in one
    Column("plan", Text, ForeignKey("ts_plan.hash"), nullable=False),
    Column("state", Text, nullable=False),
    Column("position", Json, nullable=False),
    Column("due_ms", Ms),
    Column("waiting", Text, nullable=False, default=""),
    Column("priority", Integer, nullable=False),
    Column("started_ms", Ms, nullable=False),
    Column("ended_ms", Ms),
    Column("ended_why", Text, nullable=False, default=""),
    Column("version", Integer, nullable=False),
    Column("parent", Text),  # the run that waits for this one
    CheckConstraint("state IN ('running', 'ended')", name="state"),
    CheckConstraint("(state = 'ended') = (ended_ms IS NOT NULL)", name="ended"),
    Index("ix_ts_run_episode", "episode_id", "hook"),
    Index("ix_ts_run_running", "due_ms", sqlite_where=_RUNNING, postgresql_where=_RUNNING),
)

passes = Table(
    "ts_pass",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("gate", Text, nullable=False),
    Column("at_ms", Ms, nullable=False),
    Column("urgency", Integer, nullable=False),
    Index("ix_ts_pass_gate", "gate", "at_ms"),
)
"""Which alarms went through a gate of a pipeline when, and when those that wait will go."""
