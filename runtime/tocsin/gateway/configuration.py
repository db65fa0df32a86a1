"""The whole configuration as one model, collected from the rooms, and the `[gateway]` section itself."""

from __future__ import annotations

import re
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

from tocsin.alarms.sections import AlarmSection
from tocsin.calls.phrases_section import PhraseTables, PronunciationTables, UnitTables
from tocsin.channels.section import ThrottlesSection
from tocsin.config import Secret, Section
from tocsin.journal.sections import AuditProfileSection, RetentionSection
from tocsin.people.sections import HolidaysSection, RosterSection, ScheduleSection, UserSection
from tocsin.pipelines.section import OutcomeSection, OutcomeSections, PipelineSection
from tocsin.scripts.section import ScriptsSection
from tocsin.telephony.section import (
    E164,
    MessageProfileSection,
    TwilioProfileSection,
    VoiceProfileSection,
    WebAddress,
)

_LISTEN = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(?P<port>\d{1,5})")


def _listen(text: str) -> str:
    found = _LISTEN.fullmatch(text)
    if found is None or int(found["port"]) > 65535:
        raise ValueError(f'"{text}" is not an address to listen on; write host:port, such as 127.0.0.1:8088')
    return text


def _no_bare_port(given: object) -> object:
    if isinstance(given, int) and not isinstance(given, bool):
        meant = f'"127.0.0.1:{given}"'
        why = f"{given} is not an address to listen on; write host:port, such as {meant}"
        raise ValueError(why)  # noqa: TRY004  a ValueError is what pydantic takes for a finding
    return given


def _timezone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'"{text}" is not a time zone; write it like Europe/Stockholm') from None
    return text


class GatewaySection(Section):
    """The gateway itself."""

    name: str = Field("tocsin", min_length=1, max_length=120, description="what callers hear and pages show")
    listen: Annotated[str, BeforeValidator(_no_bare_port), AfterValidator(_listen)] = Field(
        "127.0.0.1:8088", description="host:port to listen on (taken over at restart)"
    )
    database: Secret = Field(
        default_factory=lambda: Secret("sqlite"),
        description='"sqlite" (embedded, under .tocsin/) or { env = "DATABASE_URL" } with a postgresql:// '
        "address (taken over at restart)",
    )
    timezone: Annotated[str, AfterValidator(_timezone)] = Field(
        "UTC", description="time zone of schedules and spoken times (of scripts at restart)"
    )
    heartbeat_url: WebAddress | None = Field(None, description="pinged each minute while healthy")
    last_resort: tuple[E164, ...] = Field((), description="numbers called when nothing else can be done")
    own_alarms: str | None = Field(
        None,
        description="pipeline that tells people of the gateway's own alarms, such as a provider that takes "
        "no calls; absent: they are listed, and told to whoever is called about something else",
    )
    audit_profile: str | None = Field(
        None,
        description="audit of acknowledgements over the REST interface and the command line; absent: the "
        "only audit profile there is",
    )


class Configuration(Section):
    """Everything the files of a project say."""

    gateway: GatewaySection = Field(default_factory=GatewaySection, description="the gateway itself")
    twilio_profiles: dict[str, TwilioProfileSection] = Field(
        default_factory=dict, description="Twilio accounts"
    )
    voice_profiles: dict[str, VoiceProfileSection] = Field(
        default_factory=dict, description="how people are called"
    )
    message_profiles: dict[str, MessageProfileSection] = Field(
        default_factory=dict, description="how people are texted"
    )
    audit_profiles: dict[str, AuditProfileSection] = Field(default_factory=dict, description="audit records")
    retention: RetentionSection = Field(
        default_factory=RetentionSection, description="how long records are kept"
    )
    scripts: ScriptsSection = Field(default_factory=ScriptsSection, description="limits of Twilio Scripts")
    users: dict[str, UserSection] = Field(default_factory=dict, description="people")
    schedules: dict[str, ScheduleSection] = Field(default_factory=dict, description="working times")
    holidays: dict[str, HolidaysSection] = Field(default_factory=dict, description="days off")
    rosters: dict[str, RosterSection] = Field(default_factory=dict, description="on-call rosters")
    phrases: PhraseTables = Field(
        default_factory=dict,
        description="what is said in the language NAME, such as `sv` or `en-GB`: a phrase's key and its "
        "text, or a table with a text for each plural form (`one`, `other`, ...); a key of your own begins "
        "with `x-`",
    )
    pronunciations: PronunciationTables = Field(
        default_factory=dict,
        description="how words are spoken in the language NAME: as written = as spoken; whole words are "
        "replaced, and capital letters count",
    )
    units: UnitTables = Field(
        default_factory=dict,
        description="what is said after a number for a unit in the language NAME: as written = as spoken, or "
        "a table with the words for each plural form (`one`, `other`, ...)",
    )
    alarms: dict[str, AlarmSection] = Field(default_factory=dict, description="alarm rules")
    pipelines: dict[str, PipelineSection] = Field(
        default_factory=dict, description="what happens to an alarm"
    )
    outcomes: OutcomeSections = Field(
        default_factory=dict, description="what follows when telling somebody has ended in a certain way"
    )
    throttles: ThrottlesSection = Field(
        default_factory=ThrottlesSection, description="how much quiet people get, and floods of alarms"
    )

    @property
    def outcome_table(self) -> dict[str, dict[str, OutcomeSection]]:
        """What follows outcomes, by priority (or "default") and outcome, both as plain words."""
        return {
            str(priority): {str(outcome): section for outcome, section in rows.items()}
            for priority, rows in self.outcomes.items()
        }

    @property
    def address(self) -> tuple[str, int]:
        """The host and port to listen on."""
        host, _, port = self.gateway.listen.rpartition(":")
        return host.strip("[]"), int(port)
