"""The tables of scripts: every source that was in force, by its hash, and which of them made a release."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from tocsin.db import Json, Ms, metadata

sources = Table(
    "ts_script_source",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("source", Text, nullable=False),
)

releases = Table(
    "ts_release",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    # {"scripts": [[name, hash], ...] by name, "default": the same}
    Column("files", Json, nullable=False),
    Column("created_ms", Ms, nullable=False),
)
