"""Texts and calls that a person or a program asked for, beside those that alarms cause.

Each is written down before Twilio is asked, asked for once, and stands in the journal with who wanted it.
Alarms go first, and an account's rate and its number of calls at a time are kept: each waits for its turn.
Whom alarms reach is no business of this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tocsin.calls import placing
from tocsin.calls.services import NoTurn
from tocsin.calls.texting import Outgoing, send_text
from tocsin.errors import TocsinError
from tocsin.journal import record
from tocsin.telephony.attempt import Attempt
from tocsin.telephony.builders import VoiceResponse
from tocsin.telephony.numbers import masked

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from tocsin.calls.call import Call
    from tocsin.calls.ledger import Ledger
    from tocsin.calls.services import Line, Services
    from tocsin.people import User

INLINE_TWIML = 4000
"""Characters of a document given with the request for a call
(https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource)."""


PATIENCE_S: Final = 60.0
"""So long a text or a call waits for its turn; then it is given up, and whoever asked is told."""


class CannotAsk(TocsinError):  # noqa: N818  it says what is the case
    """The configuration has no profile to send or call from, or none of that name."""


class InCall(TocsinError):  # noqa: N818  it says what is the case
    """The phone is in a call of ours already."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A call asked for: its record's id, Twilio's SID where there is one, why not otherwise."""

    id: str
    sid: str | None
    why: str


class OnRequest:
    """Sends and calls for whoever asks."""

    def __init__(self, services: Callable[[], Services], ledger: Ledger) -> None:
        self._services = services
        self._ledger = ledger

    async def send(
        self,
        number: str,
        text: str,
        *,
        by: str,
        person: str | None = None,
        profile: str | None = None,
        patience_s: float = PATIENCE_S,
    ) -> Attempt:
        """Send one text, once, by a message profile (the first one where none is named).

        `by` is who asked, `person` whose number it is. One that had no turn within `patience_s` seconds
        counts as refused. Raises CannotAsk and NotStored; then nothing was sent.
        """
        services = self._services()
        message = _outgoing(services, number, text, person, profile)

        def intended_in(conn: Connection, message_id: str) -> None:
            facts = {"number": masked(number), "characters": len(text), "to": person}
            _note(services, conn, "message.requested", message_id, by, facts)

        def settled_in(conn: Connection, message_id: str, ended: Attempt) -> None:
            kind = "message.sent" if ended.sid else f"message.{ended.state}"
            _note(services, conn, kind, message_id, by, {"sid": ended.sid, "why": ended.why})

        try:
            return await send_text(
                services, message, patience_s=patience_s, intended_in=intended_in, settled_in=settled_in
            )
        except NoTurn as error:
            why, facts = str(error), {"number": masked(number), "to": person, "why": str(error)}
            await services.db.write(lambda conn: _note(services, conn, "message.given-up", "", by, facts))
            return Attempt("refused", why=why, refusal="transient")

    async def place(
        self,
        number: str,
        *,
        by: str,
        person: User | None = None,
        profile: str | None = None,
        action: str = "answer",
        message: str = "",
        patience_s: float = PATIENCE_S,
    ) -> Placed:
        """Call a number, once, by a voice profile (the first one where none is named).

        The project's scripts answer it by the call action `action`; a `message` is spoken instead, twice,
        without them. It waits up to `patience_s` seconds for its turn. Raises CannotAsk, InCall, NoTurn and
        NotStored; then no phone rings.
        """
        services = self._services()
        line = _line(services, profile)
        if not line.base and not message:
            raise CannotAsk(
                f"the voice profile {line.profile!r} has no external_hostname, so no script can answer the"
                " call; send a message to be spoken instead"
            )
        for call in self._ledger.at_hand():
            if call.number == number and not call.finished:
                raise InCall(f"{masked(number)} is in a call already: {call.id}")

        def also_in(conn: Connection, call: Call) -> None:
            facts = {"number": masked(number), "action": "" if message else action, "spoken": len(message)}
            _note(services, conn, "call.requested", call.id, by, facts)

        language = (person.language if person else None) or line.language
        call, why = await placing.place(
            services,
            self._ledger,
            line,
            person,
            number,
            action=action,
            twiml=_spoken(message, language, line.voices.get(language)) if message else "",
            patience_s=patience_s,
            also_in=also_in,
        )
        return Placed(call.id, call.sid or None, why)


def _outgoing(
    services: Services, number: str, text: str, person: str | None, profile: str | None
) -> Outgoing:
    profiles = services.profiles
    if profile is not None and profile not in profiles.message:
        known = ", ".join(profiles.message) or "none"
        raise CannotAsk(f"there is no message profile {profile!r}; configured are: {known}")
    name = profile or next(iter(profiles.message), "")
    sender = profiles.message[name].twilio if name else next(iter(profiles.twilio.values()), None)
    if sender is None:
        raise CannotAsk("no Twilio profile is configured; add [twilio_profiles.plant] to tocsin.toml")
    return Outgoing(
        sender.name, sender.account_sid, sender.phone_number, number, text, profile=name, person=person
    )


def _line(services: Services, profile: str | None) -> Line:
    known = [name for name in services.profiles.voice if name in services.lines]
    if profile is not None and profile not in known:
        told = ", ".join(known) or "none"
        raise CannotAsk(f"there is no voice profile {profile!r}; configured are: {told}")
    if not known:
        raise CannotAsk("no voice profile is configured; add [voice_profiles.phone] to tocsin.toml")
    return services.lines[profile or known[0]]


def _spoken(message: str, language: str, voice: str | None) -> str:
    """Return a document that says a message, and says it again for whoever was slow to listen."""
    document, once = VoiceResponse(), ""
    for seconds in (1, 2):
        document.pause(length=seconds)
        document.say(message, language=language, voice=voice)
        once = once or str(document)
    twice = str(document)
    return twice if len(twice) <= INLINE_TWIML else once


def _note(
    services: Services, conn: Connection, kind: str, subject: str, by: str, facts: dict[str, Any]
) -> None:
    facts = {name: value for name, value in facts.items() if value not in (None, "", 0)}
    record(conn, kind=kind, at_ms=services.clock.now_ms(), subject=subject, person=by, data=facts)
