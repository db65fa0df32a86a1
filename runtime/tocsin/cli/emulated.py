"""What is said to an emulator beside a gateway, as the owner of a number says it in Twilio's console."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.emulator import Emulator
    from tocsin.gateway.gateway import Gateway

_OURS = "0#rc=2&rp=all"


def connect(emulator: Emulator, gateway: Gateway) -> None:
    """Let calls and texts to the numbers of a gateway's profiles reach it, so that its phones can call in."""
    for profile in gateway.profiles.twilio.values():
        if profile.webhook_base is None or not profile.section.on_emulator:
            continue
        voice = f"{profile.webhook_base}/main/system/twilio-voice"
        emulator.add_number(
            profile.account_sid,
            profile.phone_number,
            voice_url=f"{voice}/inbound/{_OURS}",
            voice_fallback_url=profile.section.fallback_url or f"{voice}/fallback/{_OURS}",
            status_callback=f"{voice}/status/{_OURS}",
            sms_url=f"{profile.webhook_base}/main/system/twilio-message/inbound/{_OURS}",
        )
