"""The people of a gateway: who they are, how they are reached, when they are on call, and their PINs.

Knows the database, the journal and the configuration; nothing of alarms, calls or Twilio. Sections stand in
`tocsin.people.sections` and their cross checks in `tocsin.people.crosschecks`, so that whoever only asks for
people does not import pydantic.
"""

from tocsin.people.check import PinCheck, PinVerdict
from tocsin.people.directory import Contact, Directory, Roster, User
from tocsin.people.lockout import Verdict, decide
from tocsin.people.pins import PinKey, PinKeyUnusable, weak_pin
from tocsin.people.shifts import Schedule, on_shift

__all__ = [
    "Contact",
    "Directory",
    "PinCheck",
    "PinKey",
    "PinKeyUnusable",
    "PinVerdict",
    "Roster",
    "Schedule",
    "User",
    "Verdict",
    "decide",
    "on_shift",
    "weak_pin",
]
