"""`tocsin user list|add|forget` and `tocsin pin set|unlock`: people, in their files and on record."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import warnings
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from tocsin.cli import output
from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tocsin.gateway.configuration import Configuration
    from tocsin.gateway.forgetting import Forgotten
    from tocsin.people.sections import UserSection


def _people(project: Path) -> Mapping[str, UserSection]:
    """Return the people as their files have them, whatever is wrong with their PINs."""
    from tocsin.gateway import checks

    return checks.read_beside(project, pins=False)[0].value.users


def _with_database(project: Path) -> Configuration:
    from tocsin.gateway import checks

    return checks.read_beside(project, database=True)[0].value


@click.group()
def user() -> None:
    """List people, add them, forget them."""


@user.command(name="list")
@output.project_option
@output.json_option
def list_(project: Path, *, as_json: bool) -> None:
    """List the people of the project."""
    users = _people(project)
    if as_json:
        output.emit({name: one.model_dump(mode="json", exclude={"pin"}) for name, one in users.items()})
        return
    output.table(
        ["id", "user", "name", "pin", "reached by"],
        [
            [one.id, name, one.name, "set" if one.pin else "none", ", ".join(_shown(one.contacts))]
            for name, one in users.items()
        ],
    )


def _shown(contacts: Sequence[Any]) -> list[str]:
    from tocsin.telephony.numbers import masked

    return [f"{one.type} {masked(one.value) if one.value.startswith('+') else one.value}" for one in contacts]


@user.command()
@click.argument("username")
@click.option("--name", required=True, help="The name as it is spoken.")
@click.option("--phone", help="Telephone number, E.164, such as +46701234567.")
@click.option("--sms", help="Number for texts, E.164.")
@click.option("--language", help="Language of calls, such as sv-SE.")
@output.project_option
def add(
    username: str, name: str, phone: str | None, sms: str | None, language: str | None, project: Path
) -> None:
    """Add the person USERNAME to the project's files."""
    from tocsin.config import ConfigRefused
    from tocsin.people.editing import add_user, remove_user

    taken = {one.id for one in _people(project).values()}
    keys: dict[str, Any] = {
        "id": next(one for one in range(1, len(taken) + 2) if one not in taken),
        "name": name,
    }
    if language:
        keys["language"] = language
    contacts = [{"type": kind, "value": value} for kind, value in (("phone", phone), ("sms", sms)) if value]
    if contacts:
        keys["contacts"] = contacts
    file = add_user(project, username, keys)
    try:
        _people(project)
    except ConfigRefused as error:
        # What the configuration refuses may not stay: the gateway would take over nothing any more.
        remove_user(project, username)
        why = "\n".join(one.message for one in error.findings)
        raise TocsinError(f"{username} was not added: {why}") from None
    output.good(
        f"{username} is in {file.name} with id {keys['id']}; "
        f"set a PIN with: tocsin pin set {shlex.quote(username)}"
    )


@user.command()
@click.argument("username")
@click.option("--number", "numbers", multiple=True, help="A telephone number of theirs beside those known.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output.project_option
@output.json_option
def forget(username: str, numbers: Sequence[str], project: Path, *, yes: bool, as_json: bool) -> None:
    """Take the person USERNAME out of all records.

    In journal, audit, calls and texts a pseudonym stands instead; what happened stays on record.
    """
    if not yes:
        click.confirm(f"Take {username} out of all records? This cannot be undone", abort=True, err=True)
    known = _with_database(project)
    done = asyncio.run(_forget(project, known, username, numbers))
    if as_json:
        output.emit(asdict(done))
        return
    told = f"{done.journal} of journal and audit, {done.alarms} of alarms, {done.calls} of calls and texts"
    output.good(f"{username} is {done.pseudonym} from now on, in records: {told}")
    if username in known.users:
        click.secho(
            f"{username} is still in the project's files: remove [users.{username}] there, and from the "
            "rosters, or new records will name them again.",
            fg="yellow",
            err=True,
        )


async def _forget(project: Path, known: Configuration, username: str, numbers: Sequence[str]) -> Forgotten:
    from tocsin.clock import SystemClock
    from tocsin.gateway.forgetting import forget
    from tocsin.gateway.storage import open_beside
    from tocsin.people import Directory

    clock = SystemClock()
    db = open_beside(known, project / ".tocsin", clock)
    try:
        directory = Directory.of(known.users, known.rosters, known.schedules)
        return await forget(db, directory, username, also=numbers, now_ms=clock.now_ms())
    finally:
        await db.aclose()


@click.group()
def pin() -> None:
    """Set a person's PIN, or unlock PIN entry."""


@contextlib.contextmanager
def _without_terminal() -> Iterator[None]:
    """Say in a sentence what the prompt would warn of with a line of its own source."""

    def say(*_: object, **__: object) -> None:
        click.secho("there is no terminal here, so what is typed may show (ssh -t)", fg="yellow", err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("once")
        warnings.showwarning = say
        yield


@pin.command(name="set")
@click.argument("username")
@output.project_option
def set_(username: str, project: Path) -> None:
    """Ask for a new PIN for USERNAME.

    Its hash is kept in the project's files.
    """
    from tocsin.people import PinKey, weak_pin
    from tocsin.people.editing import set_pin

    users = _people(project)
    if username not in users:
        raise TocsinError(f'there is no user "{username}"; defined are: {", ".join(users)}')
    with _without_terminal():
        entered = click.prompt(
            "New PIN (4 to 8 digits)", hide_input=True, confirmation_prompt="Once more", err=True
        )
    weak = weak_pin(entered)
    if weak is not None:
        raise TocsinError(f"this PIN is not taken: {weak}; choose another")
    state = project / ".tocsin"
    hashed = PinKey.load(state).hash_pin(entered)
    others = [
        name for name, one in users.items() if name != username and one.pin and one.pin.reveal() == hashed
    ]
    if others:
        raise TocsinError(
            "somebody else has this PIN; on a shared phone it could not tell you apart, choose another"
        )
    file = set_pin(project, username, hashed)
    output.good(f"the PIN of {username} is set in {file.name}; a running gateway takes it over by itself")


@pin.command()
@click.argument("username_or_number")
@output.project_option
def unlock(username_or_number: str, project: Path) -> None:
    """Forget the wrong PIN tries of a person or a telephone number."""
    known = _with_database(project)
    asyncio.run(_unlock(project, known, username_or_number))
    output.good(f"{username_or_number} may enter a PIN again")


async def _unlock(project: Path, known: Configuration, who: str) -> None:
    from tocsin.clock import SystemClock
    from tocsin.gateway.storage import open_beside
    from tocsin.people import Directory, PinCheck, PinKey

    db = open_beside(known, project / ".tocsin", SystemClock())
    check = PinCheck(key=PinKey.load(project / ".tocsin"), db=db, clock=SystemClock())
    try:
        if who.startswith("+"):
            await check.reset_number(who, by="cli")
            return
        person = Directory.of(known.users).users.get(who)
        if person is None:
            raise TocsinError(f'there is no user "{who}"; defined are: {", ".join(known.users)}')
        await check.reset(person, by="cli")
    finally:
        check.close()
        await db.aclose()
