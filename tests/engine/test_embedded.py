"""The embedded engine keeps the contract, on SQLite and on PostgreSQL."""

from tests.engine.contract import EngineContract


class TestEmbeddedEngine(EngineContract):
    """Each promise, on each database."""
