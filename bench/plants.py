"""The projects that are measured, written to disk: a menu, a hostile neighbour, the default alone."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SCRIPTS: Final = Path(__file__).parent / "scripts"
MENU: Final = (SCRIPTS / "20_menu.py").read_text()
HOSTILE: Final = (SCRIPTS / "hostile.py").read_text()
CLASSES: Final = ("endless", "memory", "regex", "recursion", "logs", "output")
"""The call actions of the hostile script."""

BASE: Final = "https://alarms.example.com"
TOKEN: Final = "0123456789abcdef0123456789abcdef"
ACCOUNT: Final = "AC" + "5e" * 16
NEIGHBOUR: Final = "AC" + "6f" * 16
NUMBER: Final = "+15005550006"
NEIGHBOURS_NUMBER: Final = "+15005550007"
MARIA: Final = "+46701234567"
PIN: Final = "4711"

_GATEWAY: Final = f"""
[gateway]
name = "Riverside"
timezone = "Europe/Stockholm"

[scripts]
turns_per_call = 10000
call_minutes = 240

[users.maria]
id = 1
name = "Maria Lind"
pin = "{PIN}"
[[users.maria.contacts]]
type = "phone"
value = "{MARIA}"

[rosters.operations]
users = ["maria"]

[alarms."Plant/Pump 2/High level"]
priority = "High"
"""

_PROFILE: Final = """
[twilio_profiles.{name}]
account_sid = "{account}"
auth_token = "{token}"
external_hostname = "{base}"
phone_number = "{number}"
api_base = "emulator"

[voice_profiles.{name}]
twilio_profile = "{name}"
"""


def write_plant(
    folder: Path, scripts: dict[str, str] | None, neighbours: dict[str, str] | None = None
) -> Path:
    """Write a project of one account, and, in the same gateway, a second project of another account.

    Without scripts a project has the shipped default alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    toml = _GATEWAY + _profile("plant", ACCOUNT, NUMBER, "." if scripts is not None else None)
    write_scripts(folder, scripts or {})
    if neighbours is not None:
        toml += _profile("neighbour", NEIGHBOUR, NEIGHBOURS_NUMBER, "neighbour")
        write_scripts(folder / "neighbour", neighbours)
    (folder / "tocsin.toml").write_text(toml)
    return folder


def write_scripts(folder: Path, scripts: dict[str, str]) -> None:
    """Write Twilio Scripts where a project has them."""
    (folder / "twilio_scripts").mkdir(parents=True, exist_ok=True)
    for name, source in scripts.items():
        (folder / "twilio_scripts" / name).write_text(source)


def _profile(name: str, account: str, number: str, project: str | None) -> str:
    text = _PROFILE.format(name=name, account=account, token=TOKEN, base=BASE, number=number)
    return text if project is None else f'{text}project = "{project}"\n'
