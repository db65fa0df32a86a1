"""What `tocsin doctor` asks of Twilio, and of ourselves the way Twilio would: one sentence for each finding.

Nothing here places a call or sends a text. Only setting a number's webhooks anew changes anything, and
only where it is asked for.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, Literal

from tocsin.gateway import binding
from tocsin.telephony.client import TwilioClient, TwilioFailed
from tocsin.telephony.number_setup import differences, wanted
from tocsin.telephony.numbers import masked
from tocsin.telephony.profiles import Profiles
from tocsin.telephony.signature import expected

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx2

    from tocsin.gateway.configuration import Configuration
    from tocsin.telephony.number_setup import FoundNumber
    from tocsin.telephony.profiles import TwilioProfile

_TWILIO: Final = "https://api.twilio.com"
_PATIENCE_S: Final = 5.0
_CLOCK_OFF_S: Final = 5
"""Twilio tells times in whole seconds, and an answer takes a while."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One finding: what was examined, how it is, and one sentence with the remedy."""

    check: str
    verdict: Literal["ok", "doubt", "bad"]
    message: str


async def examined_accounts(value: Configuration, *, fix: bool) -> list[Diagnosis]:
    """Examine every Twilio profile that does not talk to the built-in emulator."""
    profiles = Profiles.of(
        value.twilio_profiles, value.voice_profiles, value.message_profiles, listen=value.gateway.listen
    )
    each = [one for one in profiles.twilio.values() if one.section.api_base != "emulator"]
    outside = [one for one in profiles.twilio.values() if one.section.external_hostname]
    found = await asyncio.gather(
        *(_listed(_account(one, fix=fix)) for one in each), *(_listed(_reached(one)) for one in outside)
    )
    return [one for some in found for one in some]


async def _listed(found: AsyncIterator[Diagnosis]) -> list[Diagnosis]:
    return [one async for one in found]


async def _account(profile: TwilioProfile, *, fix: bool) -> AsyncIterator[Diagnosis]:
    """Ask for the profile's number: the answer tells of the credentials, the number and Twilio's clock."""
    yield await _clock(profile)
    client = TwilioClient(profile, api_base=binding.api_base(profile.section.api_base, None))
    try:
        number = await client.find_number()
        yield Diagnosis("account", "ok", f"{profile.name}: Twilio takes the credentials")
        if number is None:
            shown = masked(profile.phone_number)
            said = f"the account has no number {shown}; calls and texts to it do not come here"
            yield Diagnosis("number", "doubt", f"{profile.name}: {said}")
        else:
            async for one in _number(profile, number, client, fix=fix):
                yield one
    except TwilioFailed as error:
        yield Diagnosis("account", "bad", f"{profile.name}: Twilio does not answer as it should: {error}")
    finally:
        client.close()


async def _number(
    profile: TwilioProfile, number: FoundNumber, client: TwilioClient, *, fix: bool
) -> AsyncIterator[Diagnosis]:
    name, shown = profile.name, masked(profile.phone_number)
    if profile.webhook_base is None:
        return  # outbound only: nothing is to come here
    urls = wanted(profile.webhook_base, fallback_url=profile.section.fallback_url)
    wrong = differences(number, urls)
    if number.handled_by:
        said = f"{number.handled_by} handles {shown} instead of its addresses; take it off the number"
        yield Diagnosis("number", "bad", f"{name}: {said}")
    elif not wrong:
        net = number.urls["voice_fallback_url"]
        said = f"calls and texts to {shown} come here; calls go to {net} while this host is down"
        yield Diagnosis("number", "ok", f"{name}: {said}")
    elif fix:
        why = await client.set_up_number(number.sid, {each: urls[each] for each in wrong})
        said = f"could not be set up: {why}" if why else f"was set up: {', '.join(wrong)}"
        yield Diagnosis("number", "bad" if why else "ok", f"{name}: {shown} {said}")
    else:
        for sentence in wrong.values():
            yield Diagnosis("number", "bad", f"{name}: {sentence}; mend it with: tocsin doctor --fix")


async def _clock(profile: TwilioProfile) -> Diagnosis:
    """Hold our clock against Twilio's: signatures do not need it, but who is on call now does."""
    import httpx2

    base = profile.section.api_base or _TWILIO
    try:
        async with httpx2.AsyncClient(timeout=_PATIENCE_S) as client:
            answer = await client.get(f"{base}/2010-04-01.json")
        theirs = parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (httpx2.HTTPError, KeyError, ValueError) as error:
        return Diagnosis(
            "clock", "doubt", f"{base} tells no time to compare ours with ({type(error).__name__})"
        )
    off = round(time.time() - theirs)
    if abs(off) > _CLOCK_OFF_S:
        way = "ahead of" if off > 0 else "behind"
        return Diagnosis("clock", "bad", f"this machine is {abs(off)} s {way} Twilio's clock; turn NTP on")
    return Diagnosis("clock", "ok", f"agrees with Twilio's, {time.strftime('%Y-%m-%d %H:%M:%S %Z')}")


async def _reached(profile: TwilioProfile) -> AsyncIterator[Diagnosis]:
    """Come as Twilio would: to the health page, then signed to the one webhook that runs nothing."""
    import httpx2

    base, name = profile.webhook_base or "", profile.name
    try:
        async with httpx2.AsyncClient(timeout=_PATIENCE_S) as client:
            answer = await client.get(f"{base}/healthz")
            if answer.status_code != 200 or answer.text.strip() != "ok":
                said = f"{name}: {base} is not tocsin ({answer.status_code})"
                yield Diagnosis("reachability", "bad", said)
                return
            yield Diagnosis("reachability", "ok", f"{name}: {base} answers")
            yield _signed(name, await _ask(client, profile, base))
    except httpx2.HTTPError as error:
        said = f"{name}: {base} does not answer ({type(error).__name__}); see the proxy"
        yield Diagnosis("reachability", "bad", said)


async def _ask(client: httpx2.AsyncClient, profile: TwilioProfile, base: str) -> int:
    url = f"{base}/main/system/twilio-voice/fallback/0"
    fields = {"AccountSid": profile.account_sid, "CallSid": "CA" + "0" * 32}
    signature = expected(url, list(fields.items()), profile.tokens[0])
    answer = await client.post(url, data=fields, headers={"X-Twilio-Signature": signature})
    return answer.status_code


def _signed(name: str, status: int) -> Diagnosis:
    if status == 200:
        return Diagnosis("signature", "ok", f"{name}: a request signed as Twilio signs it is taken")
    if status == 403:
        said = "a request signed as Twilio signs it is refused; external_hostname must be what Twilio calls, "
        return Diagnosis("signature", "bad", f"{name}: {said}and the gateway must run with this auth token")
    return Diagnosis("signature", "bad", f"{name}: a signed request is answered with {status}; see the proxy")
