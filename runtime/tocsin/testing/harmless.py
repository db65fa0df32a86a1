"""A project's configuration as tests may run it: same people, same rules, but nothing real can be reached.

No secret is read, every Twilio profile talks to the emulator, the database is a fresh SQLite file, nobody
outside is pinged. People whose PIN is hashed get a made-up one, because no test may hold a real PIN.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tocsin.gateway import checks
from tocsin.gateway.harmless import AUTH_TOKEN, emulated
from tocsin.testing.stand import WrongUse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tocsin.config import Loaded
    from tocsin.errors import Finding
    from tocsin.gateway.configuration import Configuration

__all__ = ["AUTH_TOKEN", "changed", "read"]


def read(
    folder: Path, settings: Mapping[tuple[str, ...], Any]
) -> tuple[Loaded[Configuration], list[Finding]]:
    """Read a project's configuration and make it harmless; raises ConfigRefused and WrongUse.

    `settings` are values a test wants otherwise, by the path of their key.
    """
    loaded, findings = checks.read(folder, stand_in=checks.digits)
    value: Configuration = loaded.value
    for path, wanted in settings.items():
        value = changed(value, path, wanted)
    _require_scripts(value)
    return emulated(replace(loaded, value=value)), findings


def _require_scripts(value: Configuration) -> None:
    """Refuse to rehearse calls that in service would run no script: the story would promise too much."""
    for name in dict.fromkeys(line.twilio_profile for line in value.voice_profiles.values()):
        profile = value.twilio_profiles[name]
        if not profile.on_emulator and profile.external_hostname is None:
            key = f"twilio_profiles.{name}.external_hostname"
            raise WrongUse(
                f"{key} is missing: in service its calls only announce, no script runs and no key is taken; "
                f'write it into the file, or say plant.configure("{key}", "https://alarms.example.com")'
            )


def changed(here: Any, path: tuple[str, ...], wanted: Any) -> Any:
    """Return a section (or a table of sections) with one key deep inside it set, checked as in a file.

    Raises KeyError with the part of the path that leads nowhere, and pydantic's ValidationError.
    """
    key, *rest = path
    if isinstance(here, dict):
        if key not in here:
            raise KeyError(key)
        return here | {key: changed(here[key], tuple(rest), wanted) if rest else wanted}
    fields = type(here).model_fields
    key = next((name for name, field in fields.items() if field.alias == key), key)
    if key not in fields:
        raise KeyError(key)
    inner = changed(getattr(here, key), tuple(rest), wanted) if rest else wanted
    given = {name: getattr(here, name) for name in here.model_fields_set}
    return type(here).model_validate(given | {key: inner}, by_name=True)
