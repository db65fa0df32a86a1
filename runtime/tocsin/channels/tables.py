"""The table of numbers at which nobody can be reached for now. No query stands here."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Integer, Table, Text

from tocsin.db import Ms, metadata

contact_states = Table(
    "ts_contact_state",
    metadata,
    Column("channel", Text, primary_key=True),  # "voice" or "sms"
    Column("number", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("code", Integer),  # Twilio's
    Column("why", Text, nullable=False, default=""),
    Column("times", Integer, nullable=False, default=1),  # how often in a row
    Column("since_ms", Ms, nullable=False),
    Column("until_ms", Ms),  # then it is tried again; None: until the person says so
    CheckConstraint("state IN ('bad', 'opted-out')", name="state"),
)
