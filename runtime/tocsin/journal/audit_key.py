"""The gateway's secret for signing what retention removes from the audit: `audit.key` in its state folder."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog

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
            if not path.exists():
                _make(path)
            if path.stat().st_mode & 0o077:
                path.chmod(0o600)
                log.warning("audit-key-was-readable", file=str(path))
            key = bytes.fromhex(path.read_text("ascii").strip())
        except OSError as error:
            said = f"{path}: cannot be read or made ({error.strerror}); mend its folder"
            raise AuditKeyUnusable(said) from None
        except ValueError:
            key = b""
        if len(key) != 32:
            raise AuditKeyUnusable(f"{path}: is damaged; restore it, or audits cannot be verified")
        return cls(key)


def _make(path: Path) -> None:
    """Write a new key; where another process was quicker its key stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(half)
        except FileExistsError:
            return
        except OSError:  # a file system without hard links
            half.replace(path)
    finally:
        half.unlink(missing_ok=True)
