"""The gateway's secret for signing what retention removes from the audit: `audit.key` in its state folder."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog

from tocsin.config import key_file
from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from pathlib import Path

log = structlog.get_logger("tocsin.journal")

KEY_FILE: Final = "audit.key"


class AuditKeyUnusable(TocsinError):  # noqa: N818  it says what is the case, as its siblings do
    """The key of the audit cannot be read or made."""


@dataclass(frozen=True, slots=True)
class AuditKey:
    """32 random bytes that only the gateway's owner can read."""

    key: bytes = field(repr=False)

    @classmethod
    def load(cls, state: Path) -> AuditKey:
        """Read the key from the gateway's state folder (`.tocsin`), making it where there is none.

        Raises AuditKeyUnusable.
        """
        path = state / KEY_FILE
        try:
            kept, exposed = key_file.read(path, secrets.token_hex(32) + "\n")
            key = bytes.fromhex(kept.strip())
        except OSError as error:
            said = f"{path}: cannot be read or made ({error.strerror}); mend its folder"
            raise AuditKeyUnusable(said) from None
        except ValueError:
            key, exposed = b"", False
        if len(key) != 32:
            raise AuditKeyUnusable(f"{path}: is damaged; restore it, or audits cannot be verified")
        if exposed:
            log.warning("audit-key-was-readable", file=str(path))
        return cls(key)
