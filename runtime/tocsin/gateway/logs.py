"""How log lines look: JSON for machines, aligned words for people; secrets never reach either.

Tracebacks name files, lines and what went wrong, never the values of variables: one of them may be a PIN.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

_HIDDEN = frozenset({"auth_token", "token", "pin", "secret", "password", "authorization", "signature"})


def configure(*, plain: bool, quiet: bool = False) -> None:
    """Send every logger's lines to stderr; `plain` for people, else one JSON object a line.

    `quiet` leaves out what only tells that all is well.
    """
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
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *ending,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if quiet else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def _hide(_: Any, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for name in _HIDDEN.intersection(line):
        line[name] = "**********"
    return line
