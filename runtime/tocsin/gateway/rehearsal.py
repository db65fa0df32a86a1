"""A gateway without consequences: real scripts, people and rules, a database of its own, no Twilio.

Commands use it to run one turn and to check what scripts produce. Nothing it does outlives it, and nothing it
reads is written to: neither the project's database, wherever that is, nor its Twilio accounts.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tocsin.alarms import AlarmEvent
from tocsin.calls import store
from tocsin.calls.webhook import VoiceWebhook
from tocsin.errors import TocsinError
from tocsin.gateway import checks, harmless
from tocsin.gateway.gateway import Gateway
from tocsin.telephony.attempt import Attempt, placed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.calls.call import Call
    from tocsin.calls.services import Line
    from tocsin.people import User

MOST_ALARMS = 2
"""So many of the project's alarms are active: enough for "next" and "all" to mean something."""


class NothingToRehearse(TocsinError):  # noqa: N818  it says what is the case
    """The project has no voice profile, or nobody with a phone."""


class _NoTwilio:
    """Takes texts and calls without sending or placing them."""

    async def send(self, number: str, text: str, *, profile: str, message_id: str) -> Attempt:  # noqa: ARG002  the protocol's
        """Pretend that Twilio took the text."""
        return placed(f"SM{secrets.token_hex(16)}")

    async def place(self, number: str, *, profile: str, **request: Any) -> Attempt:  # noqa: ARG002  the protocol's
        """Pretend that Twilio took the call."""
        return placed(f"CA{secrets.token_hex(16)}")

    async def redirect(self, sid: str, url: str, *, profile: str) -> str:  # noqa: ARG002  the protocol's
        """Pretend that Twilio did."""
        return ""


class Rehearsal:
    """A started gateway in a folder of its own, with some alarms active and calls to be begun."""

    def __init__(self, folder: Path) -> None:
        loaded, findings = checks.read_beside(folder)
        self._own = tempfile.TemporaryDirectory(prefix="tocsin-")
        state = Path(self._own.name) / "state"
        state.mkdir(mode=0o700)
        # Without the key no PIN fits, which is no reason to rehearse nothing.
        with contextlib.suppress(FileNotFoundError, PermissionError):
            shutil.copy2(folder / ".tocsin" / "pin.key", state / "pin.key")
        self.gateway = Gateway(
            folder,
            state=state,
            messenger=_NoTwilio(),
            dev=True,
            loaded=(harmless.apart(loaded), findings),
            watch=False,
            notify=False,
        )

    async def __aenter__(self) -> Self:
        """Start, and raise the first of the project's alarms."""
        await self.gateway.start()
        self.gateway.services.dialler = _NoTwilio()
        rules = list(self.gateway.configuration.alarms)[:MOST_ALARMS] or ["Rehearsal/Alarm"]
        events = [AlarmEvent(path=path, state="active", value=_value(self.gateway, path)) for path in rules]
        await self.gateway.services.board.report(events)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop, and forget everything."""
        await self.gateway.stop()
        self._own.cleanup()

    def begin(self, *, username: str | None = None, line: Line | None = None) -> Call:
        """Begin a call to a person: the one named, else the first one with a phone.

        `line` is the voice profile that calls; the first one with scripts where absent.
        """
        services = self.gateway.services
        if not services.lines:
            raise NothingToRehearse("no voice profile; add [voice_profiles.phone] to tocsin.toml")
        person, number = self._callee(username)
        line = line or _first_with_scripts(services.lines)
        call = self.gateway.ledger.open_outbound(services, line, person, number)
        call.sid = f"CA{secrets.token_hex(16)}"
        self.gateway.ledger.keep(services, call)
        return call

    def _callee(self, username: str | None) -> tuple[User, str]:
        users = self.gateway.services.directory.users
        if username is not None and username not in users:
            raise NothingToRehearse(f'there is no user "{username}"; defined are: {", ".join(users)}')
        for user in [users[username]] if username else users.values():
            for contact in user.contacts:
                if contact.type == "phone":
                    return user, contact.value
        raise NothingToRehearse("nobody to call has a phone; add a contact of type phone to people.toml")

    async def turn(self, call: Call, action: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Run one turn and return its record: twiml, answered, log, failure, took_us."""
        services = self.gateway.services
        everything = {
            "CallSid": call.sid,
            "AccountSid": call.account,
            "From": call.own_number,
            "To": call.number,
            "CallStatus": "in-progress",
            "Direction": "outbound-api",
            "ApiVersion": "2010-04-01",
            **params,
        }
        hook = VoiceWebhook(
            action=action,
            ref=call.id,
            params=everything,
            account=call.account,
            path=f"/main/system/twilio-voice/{action}/{call.id}",
        )
        await self.gateway.conversation.answer(hook)
        await services.db.flush()
        record = await services.db.read(lambda conn: store.trace(conn, call.id))
        assert record is not None, "a turn stores its call"
        step: dict[str, Any] = record["turns"][-1]
        return step


def _value(gateway: Gateway, path: str) -> float | None:
    """Make up a value that would set the alarm off."""
    rule = gateway.configuration.alarms.get(path)
    setpoint = rule.setpoint_a if rule is not None else None
    return setpoint + 1 if isinstance(setpoint, (int, float)) else None


def _first_with_scripts(lines: Mapping[str, Line]) -> Line:
    return next((line for line in lines.values() if line.project), next(iter(lines.values())))
