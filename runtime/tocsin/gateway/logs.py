"""How log lines look: JSON for machines, aligned words for people; secrets never reach either.

Tracebacks name files, lines and what went wrong, never the values of variables: one of them may be a PIN.
A line that cannot be written is lost, and nothing else with it.
"""

from __future__ import annotations

import contextlib
import io
import logging
import sys
from typing import Any, Final, TextIO, cast

import structlog

_HIDDEN = frozenset({"auth_token", "token", "pin", "secret", "password", "authorization", "signature"})


FAILURES = frozenset({"script-failed"})
FINDINGS = frozenset({"configuration-doubt", "scripts-finding"})
"""Events whose facts a command that tries scripts prints as its own result."""


def configure(*, plain: bool, least: int = logging.INFO, without: frozenset[str] = frozenset()) -> None:
    """Send every logger's lines to stderr; `plain` for people, else one JSON object a line.

    Left out is what is below the level `least`, and the events whose names are in `without`. What libraries
    log from warnings on becomes an event `library`.
    """
    stream = cast("TextIO", _Unfailing(sys.stderr))

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
        processors=[told, structlog.contextvars.merge_contextvars, *_DATED, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    _configure_libraries(stream, ending)


_DATED: Final[tuple[Any, ...]] = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


class _Unfailing(io.TextIOBase):
    """A stream that loses a line rather than a call: a full disk or a reader that is gone stops nothing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, if it can be."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush, if it can be."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


class _OfLibraries(logging.StreamHandler[TextIO]):
    """The one handler that is replaced when logging is configured again; a test's own stay."""


def _configure_libraries(stream: TextIO, ending: list[Any]) -> None:
    handler = _OfLibraries(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *_DATED, _of_a_library],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one, _OfLibraries)] + [handler]
    root.setLevel(logging.WARNING)
    # It warns of each request that is none: strangers could fill a disk with that.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


def _of_a_library(_: Any, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    line["said"], line["event"] = line["event"], "library"
    return line


def _hide(_: Any, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for name in _HIDDEN.intersection(line):
        line[name] = "**********"
    return line
