"""How log lines look: JSON for machines, aligned words for people; secrets never reach either.

Tracebacks name files, lines and what went wrong, never the values of variables: one of them may be a PIN.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

_HIDDEN = frozenset({"auth_token", "token", "pin", "secret", "password", "authorization", "signature"})


FAILURES = frozenset({"script-failed"})
FINDINGS = frozenset({"configuration-doubt", "scripts-finding"})
"""Events whose facts a command that tries scripts prints as its own result."""


def configure(*, plain: bool, least: int = logging.INFO, without: frozenset[str] = frozenset()) -> None:
    """Send every logger's lines to stderr; `plain` for people, else one JSON object a line.

    Left out is what is below the level `least`, and the events whose names are in `without`.
    """

    def told(_: Any, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
        if line["event"] in without:
            raise structlog.DropEvent
        return line

    if plain:
        plainly = structlog.dev.plain_traceback  # rich's tracebacks show local variables
        ending: list[Any] = [
            _hide,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plainly),
        ]
    else:
        ending = [structlog.processors.format_exc_info, _hide, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[
            told,
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *ending,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def _hide(_: Any, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for name in _HIDDEN.intersection(line):
        line[name] = "**********"
    return line
