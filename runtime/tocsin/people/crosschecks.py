"""What must hold between users, rosters and schedules, beyond what each section says alone.

Values in, `Fault`s out; no file is read here. A message never holds a PIN.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tocsin.config import Fault, did_you_mean
from tocsin.people.numbers import is_e164, not_e164, region_of
from tocsin.people.pins import weak_pin
from tocsin.people.roster_checks import CHANNELS, check_rosters, people_of
from tocsin.people.user import NUMBERED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from tocsin.people.pins import PinKey
    from tocsin.people.sections import HolidaysSection, RosterSection, ScheduleSection, UserSection


def crosscheck(
    users: Mapping[str, UserSection],
    rosters: Mapping[str, RosterSection],
    schedules: Mapping[str, ScheduleSection],
    *,
    holidays: Mapping[str, HolidaysSection] | None = None,
    on_emulator: bool = False,
    channels: Collection[str] = (),
    timezone: str | None = None,
    numbers: Iterable[str] = (),
    own_numbers: Iterable[str] = (),
) -> list[Fault]:
    """Find what is wrong with the people of a configuration; paths begin with the top-level table's name.

    `on_emulator`: every Twilio profile talks to the emulator, so PINs may stand in the open. `channels` are
    the names of channel profiles. The country in which a number without country code is to be read is told
    by people's `numbers` (beside those of the users themselves), else by `timezone`, else by the
    `own_numbers` of the gateway, which are often rented abroad.
    """
    return [
        *_nameless(users),
        *_doubled_ids(users),
        *_contact_types(users, channels),
        *_wrong_numbers(users, rosters, timezone, numbers, own_numbers),
        *_shared_numbers(users, rosters),
        *check_rosters(users, rosters, schedules, holidays or {}, channels),
        *_open_pins(users, on_emulator),
        *_equal_pins(users, rosters),
    ]


def stale_pins(users: Mapping[str, UserSection], key: PinKey) -> list[Fault]:
    """Warn of PINs hashed with another gateway's key: nobody can enter them here."""
    said = "was set with another pin.key, so that no PIN fits; restore that file or run `tocsin pin set"
    return [
        Fault(("users", name, "pin"), f"{said} {name}`", "warning")
        for name, user in users.items()
        if (pin := _pin(user)).startswith("hash:") and not key.made(pin)
    ]


def _pin(user: UserSection) -> str:
    """Return the PIN as configured; of one that could not be read nothing can be said."""
    return user.pin.reveal() if user.pin and not user.pin.made_up else ""


def _nameless(users: Mapping[str, UserSection]) -> Iterator[Fault]:
    for username, user in users.items():
        if not username.strip() or not username.isprintable():
            yield Fault(("users", username), "a username is printable text, such as maria; rename the table")
        if user.name and (not user.name.strip() or not user.name.isprintable()):
            yield Fault(
                ("users", username, "name"), "nobody can say this name; write it in printable letters"
            )


def _doubled_ids(users: Mapping[str, UserSection]) -> Iterator[Fault]:
    first: dict[int, str] = {}
    free = max((user.id for user in users.values()), default=0) + 1
    for name, user in users.items():
        other = first.setdefault(user.id, name)
        if other != name:
            said = f"{user.id} is also the id of users.{other}; give one of them another, such as {free}"
            yield Fault(("users", name, "id"), said)


def _contact_types(users: Mapping[str, UserSection], channels: Collection[str]) -> Iterator[Fault]:
    known = [*CHANNELS, *channels]
    for name, user in users.items():
        for index, contact in enumerate(user.contacts):
            at = ("users", name, "contacts", index)
            if contact.type not in known:
                hint = did_you_mean(contact.type, known) or f"; known are: {', '.join(known)}"
                yield Fault((*at, "type"), f'there is no way to reach people called "{contact.type}"{hint}')
            elif contact.type == "email" and not _is_address(contact.value):
                said = f'"{contact.value[:60]}" is not an e-mail address; write it like maria@example.com'
                yield Fault((*at, "value"), said)


def _is_address(text: str) -> bool:
    name, _, host = text.rpartition("@")
    return bool(name) and bool(host) and not any(letter.isspace() for letter in text)


def _wrong_numbers(
    users: Mapping[str, UserSection],
    rosters: Mapping[str, RosterSection],
    timezone: str | None,
    others: Iterable[str],
    own: Iterable[str],
) -> Iterator[Fault]:
    given: list[tuple[tuple[str | int, ...], str]] = [
        (("users", name, "contacts", index, "value"), contact.value)
        for name, user in users.items()
        for index, contact in enumerate(user.contacts)
        if contact.type in NUMBERED
    ]
    given += [
        (("rosters", name, "shared_phone"), roster.shared_phone)
        for name, roster in rosters.items()
        if roster.shared_phone is not None
    ]
    wrong = [(path, number) for path, number in given if not is_e164(number)]
    if wrong:
        region = region_of([*others, *(number for _, number in given)], timezone, own)
        for path, number in wrong:
            yield Fault(path, not_e164(number, region))


def _shared_numbers(
    users: Mapping[str, UserSection], rosters: Mapping[str, RosterSection]
) -> Iterator[Fault]:
    shared = {roster.shared_phone for roster in rosters.values()}
    first: dict[str, str] = {}
    for name, user in users.items():
        for index, contact in enumerate(user.contacts):
            if contact.type not in NUMBERED or contact.value in shared:
                continue
            other = first.setdefault(contact.value, name)
            if other != name:
                said = f"is also a number of users.{other}, so only the PIN tells who speaks"
                remedy = "if they share the phone, make it the shared_phone of a roster"
                path = ("users", name, "contacts", index, "value")
                yield Fault(path, f"{said}; {remedy}", "warning")


def _open_pins(users: Mapping[str, UserSection], on_emulator: bool) -> Iterator[Fault]:
    for name, user in users.items():
        pin, path = _pin(user), ("users", name, "pin")
        if not pin or pin.startswith("hash:"):
            continue
        if not on_emulator:
            said = "a PIN in the open is accepted only while every Twilio profile talks to the emulator"
            yield Fault(path, f"{said}; run `tocsin pin set {name}`")
        elif (reason := weak_pin(pin)) is not None:
            yield Fault(path, f"is too easy to guess: {reason}; choose another", "warning")


def _equal_pins(users: Mapping[str, UserSection], rosters: Mapping[str, RosterSection]) -> Iterator[Fault]:
    """Find people who could be taken for each other: of one roster, or with one number."""
    crews = {name: _crew(roster, users) for name, roster in rosters.items()}
    together = {f"roster {name}": crew for name, crew in crews.items()}
    by_number: defaultdict[str, list[str]] = defaultdict(list)
    for name, user in users.items():
        for number in dict.fromkeys(one.value for one in user.contacts if one.type in NUMBERED):
            by_number[number].append(name)
    for name, roster in rosters.items():
        if roster.shared_phone is not None:
            # A script names whom it likes, so anybody may stand at the phone of its roster.
            by_number[roster.shared_phone] += crews[name] if roster.script is None else users
    together |= {f"the number {number}": names for number, names in by_number.items() if len(names) > 1}
    told: set[str] = set()
    for where, names in together.items():
        first: dict[str, str] = {}
        for name in dict.fromkeys(names):
            pin = _pin(users[name])
            other = first.setdefault(pin, name)
            if pin and other != name and name not in told:
                told.add(name)
                said = f"is the PIN of users.{other} too, so {where} cannot tell them apart"
                yield Fault(("users", name, "pin"), f"{said}; give one of them another")


def _crew(roster: RosterSection, users: Mapping[str, UserSection]) -> list[str]:
    """Give everybody whom a roster puts on call at some time, and who stands in for them."""
    people = [one for one in people_of(roster) if one in users]
    instead = [away.instead for one in people for away in users[one].away if away.instead is not None]
    return [*people, *(one for one in instead if one in users)]
