"""Requests to Twilio's REST API, through the official client in a bounded pool of threads.

The synchronous client is used on purpose: it sends a POST once. Its import costs half a second, so it
happens at the first request, in a thread. Who is texted or called, and whether at all, is decided
elsewhere.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.telephony.profiles import TwilioProfile

TIMEOUT_S = 10.0
"""Longer than Twilio ever needs, shorter than a webhook may take."""

THREADS = 8


class TwilioClient:
    """Speaks for one Twilio profile."""

    def __init__(self, profile: TwilioProfile, *, api_base: str | None) -> None:
        self.profile = profile
        self._api_base = api_base
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="twilio")
        self._client: Any = None

    def _rest(self) -> Any:
        if self._client is None:
            from twilio.http.http_client import TwilioHttpClient
            from twilio.rest import Client

            section = self.profile.section
            if section.api_key_sid and section.api_key_secret:
                credentials = (section.api_key_sid, section.api_key_secret.reveal(), section.account_sid)
            else:
                credentials = (section.account_sid, section.auth_token.reveal(), section.account_sid)
            client = Client(*credentials, http_client=TwilioHttpClient(timeout=TIMEOUT_S))
            if self._api_base is not None:
                client.api.base_url = self._api_base
            self._client = client
        return self._client

    async def send_message(self, number: str, text: str) -> tuple[str | None, str]:
        """Send one text; return (SID, "") once Twilio took it, else (None, why). Never repeated here."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._send_message, number, text
        )

    def _send_message(self, number: str, text: str) -> tuple[str | None, str]:
        try:
            message = self._rest().messages.create(to=number, from_=self.profile.phone_number, body=text)
        except Exception as error:  # noqa: BLE001  the client raises whatever requests does; all of it means "not known to be sent"
            return None, f"{type(error).__name__}: {getattr(error, 'msg', '') or 'no answer from Twilio'}"
        # An empty answer becomes an object without a SID, which is no message.
        return (message.sid, "") if message.sid else (None, "Twilio's answer has no SID")

    async def place_call(self, number: str, **request: Any) -> tuple[str | None, str]:
        """Place one call; return (SID, "") once Twilio took it, else (None, why). Never repeated here.

        `request` holds the arguments of the Call resource as the official client names them
        (https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource).
        """
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: self._place_call(number, request)
        )

    def _place_call(self, number: str, request: dict[str, Any]) -> tuple[str | None, str]:
        try:
            call = self._rest().calls.create(to=number, from_=self.profile.phone_number, **request)
        except Exception as error:  # noqa: BLE001  as above: whatever it is, the call is not known to be placed
            return None, f"{type(error).__name__}: {getattr(error, 'msg', '') or 'no answer from Twilio'}"
        return (call.sid, "") if call.sid else (None, "Twilio's answer has no SID")

    async def redirect_call(self, sid: str, url: str) -> str:
        """Send a live call to another URL; return "" once Twilio did, else why not."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._redirect_call, sid, url)

    def _redirect_call(self, sid: str, url: str) -> str:
        try:
            self._rest().calls(sid).update(url=url, method="POST")
        except Exception as error:  # noqa: BLE001  as above
            return f"{type(error).__name__}: {getattr(error, 'msg', '') or 'no answer from Twilio'}"
        return ""

    def close(self) -> None:
        """Let the threads end; requests under way finish."""
        self._threads.shutdown(wait=False)
