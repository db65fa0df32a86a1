"""Alembic, set up: its folder, its version table, and a connection that is already in a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config

from tocsin.db import schema

if TYPE_CHECKING:
    from sqlalchemy import Connection


def configured(connection: Connection) -> Config:
    """Give Alembic's configuration for this connection; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Run every migration that is missing, in the caller's transaction."""
    command.upgrade(configured(connection), "head")
