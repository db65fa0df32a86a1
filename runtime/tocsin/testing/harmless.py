"""A project's configuration as tests may run it: same people, same rules, but nothing real can be reached.

No secret is read, every Twilio profile talks to the emulator, the database is a fresh SQLite file, nobody
outside is pinged. People whose PIN is hashed get a made-up one, because no test may hold a real PIN.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tocsin.config import Secret
from tocsin.gateway import checks

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tocsin.config import Loaded
    from tocsin.errors import Finding
    from tocsin.gateway.configuration import Configuration
    from tocsin.people.sections import UserSection
    from tocsin.telephony.section import TwilioProfileSection

AUTH_TOKEN = "a token that opens only the emulator"  # noqa: S105  it opens nothing else


def digits(origin: str) -> str:
    """Make up six digits for a secret, the same every time: they do as a PIN and as a token."""
    return str(100_000 + zlib.crc32(origin.encode()) % 900_000)


def read(
    folder: Path, settings: Mapping[tuple[str, ...], Any]
) -> tuple[Loaded[Configuration], list[Finding]]:
    """Read a project's configuration and make it harmless; raises ConfigRefused.

    `settings` are values a test wants otherwise, by the path of their key.
    """
    loaded, findings = checks.read(folder, stand_in=digits)
    value: Configuration = loaded.value
    for path, wanted in settings.items():
        value = changed(value, path, wanted)
    gateway = value.gateway.model_copy(update={"database": Secret("sqlite"), "heartbeat_url": None})
    update = {
        "gateway": gateway,
        "twilio_profiles": {name: _emulated(one) for name, one in value.twilio_profiles.items()},
        "users": {name: _with_pin(name, one) for name, one in value.users.items()},
    }
    return replace(loaded, value=value.model_copy(update=update)), findings


def changed(here: Any, path: tuple[str, ...], wanted: Any) -> Any:
    """Return a section (or a table of sections) with one key deep inside it set, checked as in a file.

    Raises KeyError with the part of the path that leads nowhere, and pydantic's ValidationError.
    """
    key, *rest = path
    if isinstance(here, dict):
        if key not in here:
            raise KeyError(key)
        return here | {key: changed(here[key], tuple(rest), wanted) if rest else wanted}
    if key not in type(here).model_fields:
        raise KeyError(key)
    inner = changed(getattr(here, key), tuple(rest), wanted) if rest else wanted
    given = {name: getattr(here, name) for name in here.model_fields_set}
    return type(here).model_validate(given | {key: inner}, by_name=True)


def _emulated(profile: TwilioProfileSection) -> TwilioProfileSection:
    update = {
        "api_base": "emulator",
        "auth_token": Secret(AUTH_TOKEN),
        "auth_token_secondary": None,
        "api_key_sid": None,
        "api_key_secret": None,
    }
    return profile.model_copy(update=update)


def _with_pin(name: str, user: UserSection) -> UserSection:
    if user.pin is None or not user.pin.reveal().startswith("hash:"):
        return user
    return user.model_copy(update={"pin": Secret(digits(f"the PIN of {name}"))})
