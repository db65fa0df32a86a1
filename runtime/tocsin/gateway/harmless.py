"""A configuration with its teeth drawn: same people, same rules, but nothing real is reached or written.

What rehearses a project, shows it or tests it runs on such a one: none of them may call somebody, or write
into the database in which the gateway keeps what is true.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from tocsin.config import Secret
from tocsin.gateway.checks import digits

if TYPE_CHECKING:
    from tocsin.config import Loaded
    from tocsin.gateway.configuration import Configuration
    from tocsin.people.sections import UserSection
    from tocsin.telephony.section import TwilioProfileSection

AUTH_TOKEN: Final = "a token that opens only the emulator"  # noqa: S105  it opens nothing else
NOWHERE: Final = "http://127.0.0.1:9"
"""The port of the discard service, where nobody listens."""


def apart(loaded: Loaded[Configuration]) -> Loaded[Configuration]:
    """Give a configuration a database of its own and nobody to ping, and take its accounts away.

    Everything else stays, so that what scripts produce is what they would produce for real.
    """
    value = loaded.value
    profiles = {name: _without_account(one) for name, one in value.twilio_profiles.items()}
    return replace(loaded, value=value.model_copy(update=_alone(value) | {"twilio_profiles": profiles}))


def emulated(loaded: Loaded[Configuration]) -> Loaded[Configuration]:
    """Let every Twilio profile talk to the emulator besides, which takes AUTH_TOKEN.

    People whose PIN is hashed get a made-up one: nobody who plays them may have to know a real PIN.
    """
    value = loaded.value
    update = {
        "twilio_profiles": {name: _on_emulator(one) for name, one in value.twilio_profiles.items()},
        "users": {name: _with_pin(name, one) for name, one in value.users.items()},
    }
    return replace(loaded, value=value.model_copy(update=_alone(value) | update))


def at_home(loaded: Loaded[Configuration]) -> Loaded[Configuration]:
    """Let the emulator reach this gateway besides, and not the one that Twilio would reach for real."""
    value = emulated(loaded).value
    here = {"external_hostname": None, "fallback_url": None}
    profiles = {name: one.model_copy(update=here) for name, one in value.twilio_profiles.items()}
    return replace(loaded, value=value.model_copy(update={"twilio_profiles": profiles}))


def _alone(value: Configuration) -> dict[str, Any]:
    alone = {"database": Secret("sqlite"), "heartbeat_url": None}
    return {"gateway": value.gateway.model_copy(update=alone)}


_NO_ACCOUNT: Final = {"auth_token_secondary": None, "api_key_sid": None, "api_key_secret": None}


def _without_account(profile: TwilioProfileSection) -> TwilioProfileSection:
    base = profile.api_base if profile.on_emulator else NOWHERE
    update = _NO_ACCOUNT | {"api_base": base, "auth_token": Secret(AUTH_TOKEN)}
    return profile.model_copy(update=update)


def _on_emulator(profile: TwilioProfileSection) -> TwilioProfileSection:
    update = _NO_ACCOUNT | {"api_base": "emulator", "auth_token": Secret(AUTH_TOKEN)}
    return profile.model_copy(update=update)


def _with_pin(name: str, user: UserSection) -> UserSection:
    if user.pin is None or not user.pin.reveal().startswith("hash:"):
        return user
    return user.model_copy(update={"pin": Secret(digits(f"the PIN of {name}"))})
