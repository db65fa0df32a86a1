"""Durable timers and queues: what is to be done, when, and that it is done whatever crashes.

This room knows the database and the clock, not alarms. `port` says what an engine is; `embedded` keeps
its jobs in a table beside everything else, so that a job and the change that asks for it are one
transaction.
"""

from tocsin.engine.embedded import EmbeddedEngine
from tocsin.engine.port import Engine, Handler, Job, LeaseLost

__all__ = ["EmbeddedEngine", "Engine", "Handler", "Job", "LeaseLost"]
