"""The people of a gateway: who they are, how they are reached, when they are on call, and their PINs.

Knows the database, the journal and the configuration; nothing of alarms, calls or Twilio. Sections stand in
`tocsin.people.sections` and their cross checks in `tocsin.people.crosschecks`, so that whoever only asks for
people does not import pydantic. PinCheck and PinVerdict bring the database, and come when first asked for.
"""

from typing import TYPE_CHECKING, Any

from tocsin.people.directory import Directory
from tocsin.people.lockout import Verdict, decide
from tocsin.people.on_call import Gap, Shift, Stretch
from tocsin.people.pins import PinKey, PinKeyUnusable, weak_pin
from tocsin.people.shifts import Composite, Schedule, on_shift
from tocsin.people.user import Contact, Roster, Telling, User

if TYPE_CHECKING:
    from tocsin.people.check import PinCheck, PinVerdict

__all__ = [
    "Composite",
    "Contact",
    "Directory",
    "Gap",
    "PinCheck",
    "PinKey",
    "PinKeyUnusable",
    "PinVerdict",
    "Roster",
    "Schedule",
    "Shift",
    "Stretch",
    "Telling",
    "User",
    "Verdict",
    "decide",
    "on_shift",
    "weak_pin",
]


def __getattr__(name: str) -> Any:
    if name in {"PinCheck", "PinVerdict"}:
        from tocsin.people import check

        return getattr(check, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
