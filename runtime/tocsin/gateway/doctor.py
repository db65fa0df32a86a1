"""The examinations behind `tocsin doctor`: each returns what it found and what to do about it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from tocsin.channels.contacts import unreachable_in
from tocsin.channels.reach import unreached
from tocsin.clock import SystemClock
from tocsin.config import ConfigRefused
from tocsin.db import Database
from tocsin.errors import TocsinError
from tocsin.gateway import binding, checks
from tocsin.gateway.examining_twilio import Diagnosis, examined_accounts
from tocsin.gateway.sandboxing import sandbox_for
from tocsin.gateway.storage import address_of
from tocsin.people import PinKey
from tocsin.people.crosschecks import stale_pins
from tocsin.people.pins import KEY_FILE
from tocsin.people.roster_checks import people_of
from tocsin.telephony.numbers import masked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tocsin.gateway.configuration import Configuration

_WAYS: Final = {"voice": "calls", "sms": "texts"}


async def examined(folder: Path, *, fix: bool = False) -> list[Diagnosis]:
    """Examine configuration, people, accounts, numbers, reachability, clock, database and sandbox.

    With `fix`, numbers whose webhooks lead elsewhere are set up anew at Twilio.
    """
    try:
        loaded, doubts = checks.read(folder)
    except ConfigRefused as error:
        return [Diagnosis("configuration", "bad", str(one)) for one in error.findings]
    value = loaded.value
    found = [Diagnosis("configuration", "doubt", str(one)) for one in doubts]
    found = found or [Diagnosis("configuration", "ok", f"{value.gateway.name}, {len(value.users)} people")]
    found += _profiles(value)
    found += _people(value)
    found += _pins(folder / ".tocsin", value)
    found += await examined_accounts(value, fix=fix)
    found += _database(folder, value)
    found.append(await _sandbox(value))
    return found


def _profiles(value: Configuration) -> Iterator[Diagnosis]:
    if not value.voice_profiles:
        yield Diagnosis("profiles", "bad", "nobody can be called; add [voice_profiles.phone]")
    for name, profile in value.twilio_profiles.items():
        if profile.on_emulator:
            yield Diagnosis("profiles", "doubt", f"{name} talks to the emulator: no real phone rings")
        elif profile.external_hostname is None:
            yield Diagnosis(
                "profiles",
                "doubt",
                f"{name} has no external_hostname: calls go out, but no key can be pressed",
            )
        if profile.fallback_url is None and not profile.on_emulator:
            yield Diagnosis(
                "profiles",
                "doubt",
                f"{name} has no fallback_url: while this host is down, callers hear an error",
            )


def _people(value: Configuration) -> Iterator[Diagnosis]:
    if not value.users:
        yield Diagnosis("people", "bad", "there are no users; add them to people.toml")
    for username, user in value.users.items():
        if not any(contact.type == "phone" for contact in user.contacts):
            yield Diagnosis("people", "doubt", f"{username} has no phone and cannot be called")
        if user.pin is None:
            yield Diagnosis(
                "people", "doubt", f"{username} has no PIN; set one with: tocsin pin set {username}"
            )
    for name, roster in value.rosters.items():
        if not people_of(roster):
            yield Diagnosis("people", "bad", f"roster {name} is empty: an alarm for it reaches nobody")


def _pins(state: Path, value: Configuration) -> Iterator[Diagnosis]:
    """Find PINs that nobody can enter; a key is looked at, never made."""
    if not any(user.pin and user.pin.reveal().startswith("hash:") for user in value.users.values()):
        return
    if not (state / KEY_FILE).exists():
        said = f"{state / KEY_FILE} is missing, so that no PIN fits; restore it or set every PIN again"
        yield Diagnosis("people", "bad", said)
        return
    try:
        key = PinKey.load(state)
    except TocsinError as error:
        yield Diagnosis("people", "bad", str(error))
        return
    for fault in stale_pins(value.users, key):
        yield Diagnosis("people", "bad", f"the PIN of {fault.path[1]} {fault.message}")


def _database(folder: Path, value: Configuration) -> Iterator[Diagnosis]:
    state = folder / ".tocsin"
    place = state if state.exists() else folder
    if not os.access(place, os.W_OK | os.X_OK):
        said = f"{place.resolve()} cannot be written by this user; run it as the one whose folder it is"
        yield Diagnosis("database", "bad", said)
        return
    if value.gateway.database.reveal() == "sqlite" and not (state / "tocsin.db").exists():
        yield Diagnosis("database", "ok", "embedded; it is made at the first start")
        return
    clock = SystemClock()
    try:
        db = Database.open(address_of(value, state), clock=clock)
    except TocsinError as error:
        yield Diagnosis("database", "bad", str(error))
        return
    yield Diagnosis("database", "ok", "opens")
    try:
        left_out = db.read_now(lambda conn: unreachable_in(conn, clock.now_ms()))
    except SQLAlchemyError:
        left_out = {}  # of another version, or without tables yet: serving brings them up to date
    finally:
        db.close()
    for lost in unreached(binding.directory_of(value), left_out):
        yield Diagnosis("contacts", "bad", lost.told)
    owners = {contact.value: username for username, user in value.users.items() for contact in user.contacts}
    for (channel, number), why in sorted(left_out.items()):
        whose = f"{owners[number]}'s number" if number in owners else "number"
        yield Diagnosis(
            "contacts", "doubt", f"{whose} {masked(number)} is not used for {_WAYS[channel]} now: {why.why}"
        )


async def _sandbox(value: Configuration) -> Diagnosis:
    sandbox = sandbox_for(value)
    try:
        report = await sandbox.start()
    finally:
        await sandbox.aclose()
    if report.locked:
        return Diagnosis("sandbox", "ok", "locked: files, network, processes and signals are out of reach")
    return Diagnosis("sandbox", "bad", f"not locked, project scripts do not run: {'; '.join(report.reasons)}")
