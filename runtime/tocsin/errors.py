"""The roots of every error tocsin raises or reports; a room derives its own errors from here.

TocsinError
├── config: ConfigRefused
├── db: NotStored
├── sandbox: ScriptFailed, SandboxUnavailable
├── scripts: ReleaseRefused
├── telephony: TwimlRefused, BadForm
└── cli: GatewayNotRunning

No room's own error stands in this module, and nothing here imports tocsin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


class TocsinError(Exception):
    """Anything tocsin itself raises; `str()` is one sentence a plant engineer can act on."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong (or doubtful) in a file the user wrote.

    `file` is relative to the project folder, `line` counts from 1 (None where no single line is at
    fault), `message` is one sentence with the offending value and the remedy, `source` is the line
    itself where showing it helps.
    """

    file: str
    line: int | None
    message: str
    severity: Literal["error", "warning"] = "error"
    source: str = ""

    def __str__(self) -> str:
        """Give `file:line: message`, the form every command prints and editors understand."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.message}"
