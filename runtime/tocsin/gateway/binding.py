"""Turns a configuration into what conversations need: lines, limits, who answers, how texts go out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from tocsin.alarms.naming import name_of
from tocsin.calls.phrasebook import Phrasebook
from tocsin.calls.services import Line, Raisable, TurnLimits
from tocsin.channels.texts import status_url
from tocsin.people import Directory
from tocsin.telephony.attempt import Attempt
from tocsin.telephony.client import TwilioClient
from tocsin.telephony.egress import Egress, matching
from tocsin.telephony.profiles import Profiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tocsin.calls.call import Call
    from tocsin.calls.services import Services
    from tocsin.gateway.configuration import Configuration
    from tocsin.telephony.profiles import VoiceProfile
    from tocsin.telephony.section import RaisingSection

log = structlog.get_logger("tocsin.gateway")

DEFAULT_PROJECT = ""
"""The project name of voice profiles that link none: the shipped default alone."""


def directory_of(value: Configuration) -> Directory:
    """Return everybody a configuration names."""
    return Directory.of(
        value.users,
        value.rosters,
        value.schedules,
        holidays=value.holidays,
        timezone=value.gateway.timezone,
    )


def phrases_of(value: Configuration) -> Phrasebook:
    """Return everything that is said under a configuration."""
    return Phrasebook(value.phrases, pronunciations=value.pronunciations, units=value.units)


def languages_of(value: Configuration) -> set[str]:
    """Return the languages in which a configuration has people called."""
    theirs = {user.language for user in value.users.values() if user.language}
    return theirs | {profile.language for profile in value.voice_profiles.values()}


def lines_of(value: Configuration, profiles: Profiles, directory: Directory) -> dict[str, Line]:
    """Return how each voice profile's calls behave."""
    return {name: _line(value, profile, directory) for name, profile in profiles.voice.items()}


def _line(value: Configuration, profile: VoiceProfile, directory: Directory) -> Line:
    section, base = profile.section, profile.twilio.webhook_base or ""
    pin: dict[str, str] = (
        {"default": section.pin} if isinstance(section.pin, str) else dict(section.pin.items())
    )
    return Line(
        profile=profile.name,
        twilio_profile=profile.twilio.name,
        account=profile.twilio.account_sid,
        phone_number=profile.twilio.phone_number,
        project=section.project or DEFAULT_PROJECT,
        base=base,
        language=section.language,
        voices=section.voices,
        digits=section.digits,
        pin=pin,
        ring_seconds=section.ring_seconds,
        machine_detection=section.machine_detection,
        fallback_url=profile.twilio.section.fallback_url,
        egress=egress_of(value, directory, base),
        raises=_raisable(value, section.raise_alarm),
    )


def _raisable(value: Configuration, section: RaisingSection | None) -> Raisable | None:
    if section is None:
        return None
    rule = value.alarms[section.path]
    return Raisable(section.path, section.priority, rule.label or rule.name or name_of(section.path))


def draining(
    profiles: Profiles, lines: Mapping[str, Line], before: Services, calls: Iterable[Call]
) -> tuple[Profiles, dict[str, Line]]:
    """Add what a new configuration no longer has but calls in progress still need.

    A removed profile answers its calls to their end, and no new ones: it is in no voice profile any more.
    """
    kept = {
        call.profile: before.lines[call.profile]
        for call in calls
        if not call.finished and call.profile not in lines and call.profile in before.lines
    }
    accounts = {
        line.twilio_profile: before.profiles.twilio[line.twilio_profile]
        for line in kept.values()
        if line.twilio_profile not in profiles.twilio
    }
    if accounts:
        profiles = Profiles({**profiles.twilio, **accounts}, profiles.voice, profiles.message)
    return profiles, {**kept, **lines}


def egress_of(value: Configuration, directory: Directory, base: str) -> Egress:
    """Return whom and what a script's TwiML may reach."""
    scripts = value.scripts
    contacts = frozenset(
        one.value for user in directory.users.values() for one in user.contacts if one.value.startswith("+")
    )
    patterns = contacts if isinstance(scripts.dial, str) else scripts.dial
    return Egress(
        dial=matching(patterns), hosts=frozenset(scripts.hosts), own=base, verbs=frozenset(scripts.verbs)
    )


def turn_limits(value: Configuration) -> TurnLimits:
    """Return the budgets of a call."""
    scripts = value.scripts
    return TurnLimits(
        turn_ms=scripts.turn_ms,
        cpu_ms=scripts.cpu_ms,
        host_calls=scripts.host_calls,
        turns_per_call=scripts.turns_per_call,
        call_minutes=scripts.call_minutes,
    )


def projects_of(value: Configuration) -> set[str]:
    """Return the project folders, relative to the configuration's, that voice profiles link."""
    return {profile.project for profile in value.voice_profiles.values() if profile.project is not None}


class TwilioWaysOut:
    """Sends texts and places calls through their Twilio profile.

    One that has been replaced goes out by the clients of those after it: whoever waited for a turn while the
    configuration changed asks with the credentials that are in force.
    """

    def __init__(
        self, profiles: Profiles, *, emulator_url: str | None, before: TwilioWaysOut | None = None
    ) -> None:
        """Take over the clients of `before` whose profiles are unchanged; the others finish and end."""
        self.clients: dict[str, TwilioClient] = before.clients if before else {}
        old = dict(self.clients)
        self.clients.clear()
        for name, profile in profiles.twilio.items():
            known = old.get(name)
            if known is not None and known.profile == profile:
                self.clients[name] = old.pop(name)
            else:
                base = api_base(profile.section.api_base, emulator_url)
                self.clients[name] = TwilioClient(profile, api_base=base)
        for client in old.values():
            client.close()

    async def send(self, number: str, text: str, *, profile: str, message_id: str) -> Attempt:
        """Send one text, once; Twilio tells how it fares where it can reach us."""
        client = self.clients.get(profile)
        if client is None:
            return Attempt("refused", why=f"no Twilio profile {profile}")
        base = client.profile.webhook_base
        request = {"status_callback": status_url(base, message_id)} if base else {}
        return await client.send_message(number, text, **request)

    async def place(self, number: str, *, profile: str, **request: Any) -> Attempt:
        """Place one call, once."""
        client = self.clients.get(profile)
        return (
            await client.place_call(number, **request)
            if client
            else Attempt("refused", why=f"no Twilio profile {profile}")
        )

    async def redirect(self, sid: str, url: str, *, profile: str) -> str:
        """Send a live call to another URL; return "" once Twilio did, else why not."""
        client = self.clients.get(profile)
        return await client.redirect_call(sid, url) if client else f"no Twilio profile {profile}"

    def close(self) -> None:
        """Let go of all clients."""
        for client in self.clients.values():
            client.close()


def api_base(configured: str | None, emulator_url: str | None) -> str | None:
    """Return where Twilio's REST interface is to be found; None is the real one."""
    return emulator_url or "http://127.0.0.1:8089" if configured == "emulator" else configured


async def refuse_to_pass_on(call: Call) -> bool:
    """Say that nobody else is told: alarms cannot be passed on before pipelines run."""
    log.warning("passing-on-impossible", call=call.id, person=call.user.username if call.user else None)
    return False
