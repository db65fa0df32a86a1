"""Requests to Twilio's REST API, through the official client in a bounded pool of threads.

The synchronous client is used on purpose: it sends a POST once. Its import costs half a second, so it
happens at the first request, in a thread. Who is texted or called, and whether at all, is decided
elsewhere.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from tocsin.telephony.attempt import Attempt, placed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.telephony.profiles import TwilioProfile

TIMEOUT_S = 10.0
"""Longer than Twilio ever needs, shorter than a webhook may take."""

THREADS = 8


def _never_taken(error: Exception) -> bool:
    """Tell a request that Twilio refused, or that never reached it, from one that may have rung."""
    status = getattr(error, "status", None)
    if isinstance(status, int):
        return 400 <= status < 500
    return "NewConnectionError" in repr(error) or "ConnectTimeout" in type(error).__name__


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

    async def send_message(self, number: str, text: str) -> Attempt:
        """Send one text. Never repeated here."""
        request = {"to": number, "from_": self.profile.phone_number, "body": text}
        return await self._attempted(lambda client: client.messages.create(**request))

    async def place_call(self, number: str, **request: Any) -> Attempt:
        """Place one call. Never repeated here.

        `request` holds the arguments of the Call resource as the official client names them
        (https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource).
        """
        whole = {"to": number, "from_": self.profile.phone_number, **request}
        return await self._attempted(lambda client: client.calls.create(**whole))

    async def _attempted(self, create: Callable[[Any], Any]) -> Attempt:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._attempt, create)

    def _attempt(self, create: Callable[[Any], Any]) -> Attempt:
        try:
            made = create(self._rest())
        except Exception as error:  # noqa: BLE001  the client raises whatever requests does
            why = f"{type(error).__name__}: {getattr(error, 'msg', '') or 'no answer from Twilio'}"
            return Attempt("refused" if _never_taken(error) else "unknown", why=why)
        # An empty answer becomes an object without a SID, which tells nothing.
        return placed(made.sid) if made.sid else Attempt("unknown", why="Twilio's answer has no SID")

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
