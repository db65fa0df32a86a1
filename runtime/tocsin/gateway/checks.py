"""What must hold across sections: every room's cross checks, and those only the whole can make."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from tocsin.alarms.crosscheck import crosscheck as check_alarms
from tocsin.calls.deciding import PIPELINES, ROSTERS
from tocsin.calls.phrases_section import crosscheck as check_phrases
from tocsin.channels.section import crosscheck as check_throttles
from tocsin.config import ConfigRefused, Fault, did_you_mean, load
from tocsin.config.loading import in_order
from tocsin.config.spans import milliseconds_or_none
from tocsin.gateway.configuration import Configuration
from tocsin.people.crosschecks import crosscheck as check_people
from tocsin.pipelines.checking.contents import Known
from tocsin.pipelines.crosscheck import crosscheck as check_pipelines
from tocsin.pipelines.flow import Flow
from tocsin.telephony.crosschecks import all_on_emulator
from tocsin.telephony.crosschecks import crosscheck as check_profiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tocsin.config import Loaded
    from tocsin.errors import Finding


def read(
    folder: Path, *, stand_in: Callable[[str], str] | None = None
) -> tuple[Loaded[Configuration], list[Finding]]:
    """Load a project's configuration and check it as a whole; return it with its warnings.

    `stand_in` makes up secrets instead of reading them. Raises ConfigRefused with every error.
    """
    return _checked(load(folder, Configuration, stand_in=stand_in))


def read_beside(
    folder: Path, *, database: bool = False, pins: bool = True
) -> tuple[Loaded[Configuration], list[Finding]]:
    """Read a configuration for a command that speaks neither to Twilio nor for the gateway.

    Secrets that cannot be read are made up: often they are there for the service alone. With `database` its
    address must be there. Without `pins` these are not looked at: what is wrong with them must not keep
    anybody from setting them. Raises ConfigRefused with every error.
    """
    loaded = load(folder, Configuration, stand_in=digits, only_missing=True)
    missing = loaded.value.gateway.database.made_up if database else ""
    return _checked(loaded, [Fault(("gateway", "database"), missing)] if missing else [], pins=pins)


def digits(origin: str) -> str:
    """Make up six digits for a secret, the same every time: they do as a PIN and as a token."""
    return str(100_000 + zlib.crc32(origin.encode()) % 900_000)


def _checked(
    loaded: Loaded[Configuration], found: Sequence[Fault] = (), *, pins: bool = True
) -> tuple[Loaded[Configuration], list[Finding]]:
    faults = [*found, *_faults(loaded.value, loaded.folder)]
    if not pins:
        faults = [one for one in faults if not (one.path[:1] == ("users",) and one.path[-1] == "pin")]
    findings = in_order(loaded.places, faults)
    if any(one.severity == "error" for one in findings):
        raise ConfigRefused(findings, awaited={**loaded.beside, **_missing_projects(loaded)})
    return loaded, findings


def _missing_projects(loaded: Loaded[Configuration]) -> dict[Path, None]:
    folders = [
        loaded.folder / one.project for one in loaded.value.voice_profiles.values() if one.project is not None
    ]
    return {folder: None for folder in folders if not folder.is_dir()}


def _faults(value: Configuration, folder: Path) -> Iterator[Fault]:
    yield from check_profiles(
        value.twilio_profiles,
        value.voice_profiles,
        value.message_profiles,
        audit_profiles=value.audit_profiles,
    )
    yield from check_people(
        value.users,
        value.rosters,
        value.schedules,
        holidays=value.holidays,
        on_emulator=all_on_emulator(value.twilio_profiles),
        channels={*value.voice_profiles, *value.message_profiles},
        timezone=value.gateway.timezone,
        numbers=value.gateway.last_resort,
        own_numbers=[profile.phone_number for profile in value.twilio_profiles.values()],
    )
    yield from _database(value)
    yield from _audit(value)
    yield from _retention(value)
    if value.users and not value.rosters:
        why = "there is none, so an alarm without a pipeline of its own rings nobody; add [rosters.NAME]"
        yield Fault(("rosters",), why, "warning")
    yield from _fiction(value)
    yield from _own_alarms(value)
    yield from check_alarms(value.alarms, pipelines=value.pipelines)
    yield from check_pipelines(value.pipelines, value.outcome_table, _known(value))
    yield from check_throttles(value.throttles, _steps(value))
    yield from check_phrases(value.phrases, value.pronunciations, value.units)
    yield from _projects(value, folder)
    yield from _deciding(value, folder)
    yield from _raising(value)


def _steps(value: Configuration) -> Iterator[tuple[tuple[str | int, ...], int]]:
    """Yield where the step of each notification block stands, and how long it is, ms."""
    for name, pipeline in value.pipelines.items():
        flow = Flow(name, pipeline)
        for of, index, block in flow.blocks():
            if block.type == "notification":
                yield (*flow.path(of, index), "step"), milliseconds_or_none(block.step)


def _deciding(value: Configuration, folder: Path) -> Iterator[Fault]:
    """Yield the scripts of rosters and of script blocks whose file is not there."""
    asked: list[tuple[tuple[str | int, ...], str, str]] = [
        (("rosters", name, "script"), ROSTERS, roster.script)
        for name, roster in value.rosters.items()
        if roster.script is not None
    ]
    for name, pipeline in value.pipelines.items():
        flow = Flow(name, pipeline)
        asked += [
            ((*flow.path(of, index), "script"), PIPELINES, block.script)
            for of, index, block in flow.blocks()
            if block.type == "script"
        ]
    for path, place, script in asked:
        if not (folder / place / script).is_file():
            yield Fault(path, f"there is no file {place}/{script} in the project; write one", "warning")


def _raising(value: Configuration) -> Iterator[Fault]:
    """Yield what is wrong with alarms that callers may raise: each needs a rule and a profile to answer."""
    for name, profile in value.voice_profiles.items():
        if profile.raise_alarm is None:
            continue
        at = ("voice_profiles", name, "raise_alarm")
        path, account = profile.raise_alarm.path, value.twilio_profiles.get(profile.twilio_profile)
        if (rule := value.alarms.get(path)) is None:
            yield Fault((*at, "path"), _unknown("alarm", path, set(value.alarms)))
        elif rule.tag is not None:
            why = f'"{path}" is raised and cleared by its tag {rule.tag}; name an alarm without a tag'
            yield Fault((*at, "path"), why)
        others = [
            one for one in value.voice_profiles.values() if one.twilio_profile == profile.twilio_profile
        ]
        if account is not None and account.inbound != name and (account.inbound or len(others) > 1):
            why = (
                "is never offered, because this profile answers no calls; "
                f'add inbound = "{name}" to [twilio_profiles.{profile.twilio_profile}]'
            )
            yield Fault(at, why, "warning")


def _database(value: Configuration) -> Iterator[Fault]:
    database = value.gateway.database
    if database.reveal() != "sqlite" and not database.made_up:
        # The library behind it takes a while to import, and most projects have the embedded one.
        from tocsin.db.engines import UnusableAddress, address

        try:
            address(database.reveal())
        except UnusableAddress as error:
            yield Fault(("gateway", "database"), str(error))
    if database.is_literal and database.reveal() != "sqlite" and not all_on_emulator(value.twilio_profiles):
        yield Fault(
            ("gateway", "database"),
            "is written into the file, which is only accepted while every Twilio profile talks to the "
            'emulator; write { env = "DATABASE_URL" } or { file = "path" }',
        )


def _fiction(value: Configuration) -> Iterator[Fault]:
    """Yield the numbers that were left from the sample project, where calls are real."""
    if all_on_emulator(value.twilio_profiles):
        return
    numbers: list[tuple[tuple[str | int, ...], str]] = [
        (("users", name, "contacts", index, "value"), contact.value)
        for name, user in value.users.items()
        for index, contact in enumerate(user.contacts)
    ]
    numbers += [
        (("gateway", "last_resort", index), one) for index, one in enumerate(value.gateway.last_resort)
    ]
    for at, number in numbers:
        if number.startswith("+467017406") and number[-2:] >= "05":
            why = "is a number for films and examples, as the sample project's are: nobody answers there; "
            yield Fault(at, why + "write a real one", "warning")


def _own_alarms(value: Configuration) -> Iterator[Fault]:
    name = value.gateway.own_alarms
    if name is not None and name not in value.pipelines:
        yield Fault(("gateway", "own_alarms"), _unknown("pipeline", name, set(value.pipelines)))


def _audit(value: Configuration) -> Iterator[Fault]:
    name = value.gateway.audit_profile
    if name is not None and name not in value.audit_profiles:
        yield Fault(("gateway", "audit_profile"), _unknown("audit profile", name, set(value.audit_profiles)))


def _retention(value: Configuration) -> Iterator[Fault]:
    if "recordings_days" in value.retention.model_fields_set:
        why = "is not used yet: delete recordings at Twilio, or let a rule there do so"
        yield Fault(("retention", "recordings_days"), why, "warning")


def _known(value: Configuration) -> Known:
    """Give what pipelines may name."""
    hooks: dict[str, str] = {}
    for rule in value.alarms.values():
        hooks |= {name: "clearPipeline" for name in [rule.clear_pipeline] if name}
        hooks |= {name: "ackPipeline" for name in [rule.ack_pipeline] if name}
    return Known(
        {
            name: None if roster.script or roster.rotations or roster.overrides else len(roster.users)
            for name, roster in value.rosters.items()
        },
        tuple(value.voice_profiles),
        tuple(value.message_profiles),
        hooks,
    )


def _projects(value: Configuration, folder: Path) -> Iterator[Fault]:
    for name, profile in value.voice_profiles.items():
        if profile.project is not None and not (folder / profile.project).is_dir():
            yield Fault(
                ("voice_profiles", name, "project"),
                f'there is no folder "{profile.project}" here; name a folder that holds twilio_scripts/',
            )


def _unknown(kind: str, name: str, known: set[str]) -> str:
    there = ", ".join(sorted(known)) or "none"
    return f'there is no {kind} "{name}"{did_you_mean(name, known) or f"; defined are: {there}"}'
