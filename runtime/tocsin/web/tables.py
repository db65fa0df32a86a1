"""The tables of API tokens and of requests that must have their effect only once."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from tocsin.db import BigKey, Json, Ms, metadata

tokens = Table(
    "ts_token",
    metadata,
    Column("id", BigKey, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("hash", Text, nullable=False, unique=True),  # SHA-256 of the token, hexadecimal
    Column("scopes", Json, nullable=False),
    Column("created_ms", Ms, nullable=False),
    Column("last_used_ms", Ms),
)

answered = Table(
    "ts_idempotency",
    metadata,
    Column("token", Text, nullable=False),  # the token's name: two clients may choose the same key
    Column("key", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),  # SHA-256 of method, path and body
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_ms", Ms, nullable=False),
    PrimaryKeyConstraint("token", "key"),
    Index("ix_ts_idempotency_created", "created_ms"),
)
