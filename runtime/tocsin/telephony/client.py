"""Requests to Twilio's REST API, through the official client in a bounded pool of threads.

The synchronous client is used on purpose: it sends a POST once. Its import costs half a second, so it
happens at the first request, in a thread. Who is texted or called, and whether at all, is decided
elsewhere.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from tocsin.errors import TocsinError
from tocsin.telephony.attempt import Attempt, placed
from tocsin.telephony.found import FoundCall, FoundMessage
from tocsin.telephony.number_setup import FoundNumber, method_of
from tocsin.telephony.numbers import masked
from tocsin.telephony.refusals import refusal_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tocsin.telephony.profiles import TwilioProfile
    from tocsin.telephony.refusals import Refusal

T = TypeVar("T")

TIMEOUT_S = 10.0
"""Longer than Twilio ever needs, shorter than a webhook may take."""

LONGEST_S = 2 * TIMEOUT_S + 2
"""After so long a request under way has ended: connecting and reading each have the timeout."""

THREADS = 8
NEWEST = 50
"""So many calls or texts to one number are looked through; nobody is rung more often within a minute."""


_CHATTY: Final = ("twilio.http_client", "urllib3")
"""Loggers that write whole requests, with telephone numbers, wherever somebody turns logging up."""

_NO_CONNECTION: Final = frozenset({"NewConnectionError", "ConnectTimeoutError", "ProxyError"})
"""What urllib3 calls it where it was not connected, a name that does not resolve among them; by name, since
it is imported with the client only (https://urllib3.readthedocs.io/en/stable/reference/urllib3.exceptions.html)."""

_NUMBER = re.compile(r"\+[0-9]{7,15}")


class TwilioFailed(TocsinError):  # noqa: N818  it says what is the case
    """Twilio could not be asked, or did not answer usefully; nothing was changed by asking."""


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

            for name in _CHATTY:
                logging.getLogger(name).setLevel(logging.WARNING)
            section = self.profile.section
            if section.api_key_sid and section.api_key_secret:
                credentials = (section.api_key_sid, section.api_key_secret.reveal(), section.account_sid)
            else:
                credentials = (section.account_sid, section.auth_token.reveal(), section.account_sid)
            http = TwilioHttpClient(timeout=TIMEOUT_S)
            # A web proxy of the plant is the way to Twilio, never to an emulator on this machine.
            http.session.trust_env = not _is_here(self._api_base)
            client = Client(*credentials, http_client=http)
            if self._api_base is not None:
                client.api.base_url = self._api_base
            self._client = client
        return self._client

    # Asked once: never repeated here.

    async def send_message(self, number: str, text: str, **request: Any) -> Attempt:
        """Send one text.

        `request` may hold further arguments of the Message resource as the official client names them
        (https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource).
        """
        whole = {"to": number, "from_": self.profile.phone_number, "body": text, **request}
        return await self._on_thread(lambda: self._attempted(lambda client: client.messages.create(**whole)))

    async def place_call(self, number: str, **request: Any) -> Attempt:
        """Place one call.

        `request` holds the arguments of the Call resource as the official client names them
        (https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource).
        """
        whole = {"to": number, "from_": self.profile.phone_number, **request}
        return await self._on_thread(lambda: self._attempted(lambda client: client.calls.create(**whole)))

    def _attempted(self, create: Callable[[Any], Any]) -> Attempt:
        try:
            client = self._rest()
        except Exception as error:  # noqa: BLE001  whatever keeps the client from being made
            passes = isinstance(error, OSError)  # no memory or no open files are left
            refusal: Refusal = "transient" if passes else "account"
            return Attempt("refused", why=_told(error), refusal=refusal)  # nothing was sent
        try:
            made = create(client)
        except Exception as error:  # noqa: BLE001  the client raises whatever requests does
            return _failed(error)
        # An empty answer becomes an object without a SID, which tells nothing.
        return placed(made.sid) if made.sid else Attempt("unknown", why="Twilio's answer has no SID")

    # May be asked again.

    async def redirect_call(self, sid: str, url: str) -> str:
        """Send a live call to another URL; return "" once Twilio did, else why not."""
        return await self._on_thread(
            lambda: _why_not(lambda: self._rest().calls(sid).update(url=url, method="POST"))
        )

    async def cancel_call(self, sid: str) -> str:
        """End a call that is queued or ringing; return "" once Twilio did, else why not.

        A call that was answered goes on; then too the answer says why.
        """
        return await self._on_thread(
            lambda: _why_not(lambda: self._rest().calls(sid).update(status="canceled"))
        )

    async def list_calls(self, number: str) -> list[FoundCall]:
        """Give the newest calls from this profile's number to `number`, newest first; raises TwilioFailed."""
        return await self._on_thread(
            lambda: [
                FoundCall.of(one)
                for one in _asked(
                    lambda: self._rest().calls.list(
                        to=number, from_=self.profile.phone_number, limit=NEWEST, page_size=NEWEST
                    )
                )
            ]
        )

    async def fetch_call(self, sid: str) -> FoundCall:
        """Give how a call is now; raises TwilioFailed."""
        return await self._on_thread(lambda: FoundCall.of(_asked(lambda: self._rest().calls(sid).fetch())))

    async def list_messages(self, number: str) -> list[FoundMessage]:
        """Give the newest texts from this profile's number to `number`; raises TwilioFailed."""
        return await self._on_thread(
            lambda: [
                FoundMessage.of(one)
                for one in _asked(
                    lambda: self._rest().messages.list(
                        to=number, from_=self.profile.phone_number, limit=NEWEST, page_size=NEWEST
                    )
                )
            ]
        )

    async def fetch_message(self, sid: str) -> FoundMessage:
        """Give how a text fares now; raises TwilioFailed."""
        return await self._on_thread(
            lambda: FoundMessage.of(_asked(lambda: self._rest().messages(sid).fetch()))
        )

    async def find_number(self) -> FoundNumber | None:
        """Give how this profile's number is set up, None where the account has no such number.

        Raises TwilioFailed.
        """
        number = self.profile.phone_number
        found = await self._on_thread(
            lambda: _asked(
                lambda: self._rest().incoming_phone_numbers.list(phone_number=number, limit=2, page_size=2)
            )
        )
        return next((FoundNumber.of(one) for one in found if one.phone_number == number), None)

    async def set_up_number(self, sid: str, urls: Mapping[str, str]) -> str:
        """Set addresses of a number, asked by POST; return "" once Twilio did, else why not."""
        settings = {**urls, **{method_of(name): "POST" for name in urls}}
        return await self._on_thread(
            lambda: _why_not(lambda: self._rest().incoming_phone_numbers(sid).update(**settings))
        )

    async def _on_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Let the threads end and idle connections close; requests under way finish."""
        if self._client is not None:
            self._threads.submit(self._client.http_client.session.close)
        self._threads.shutdown(wait=False)


def _is_here(api_base: str | None) -> bool:
    """Tell whether an address is this machine's own."""
    host = urlsplit(api_base or "").hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _failed(error: Exception) -> Attempt:
    status, code = getattr(error, "status", None), getattr(error, "code", None)
    code = code if isinstance(code, int) and code >= 10_000 else None  # without a body it is the HTTP status
    why = _told(error)
    if isinstance(status, int):
        refusal = refusal_of(code, status)
        if 400 <= status < 500 or (code is not None and refusal == "transient"):
            return Attempt("refused", why=why, code=code, refusal=refusal)
        return Attempt("unknown", why=why, code=code)
    if _never_sent(error):
        return Attempt("refused", why=why, refusal="transient")
    return Attempt("unknown", why=why)


def _never_sent(error: Exception) -> bool:
    """Tell whether nothing was sent: no connection, or none to who has Twilio's certificate."""
    found = list(_behind(error))
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in found):
        return True
    return any(base.__name__ in _NO_CONNECTION for one in found for base in type(one).__mro__)


def _behind(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error and those that it came of, the innermost last."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _told(error: Exception) -> str:
    said = getattr(error, "msg", "") or getattr(error, "detail", "") or _of_page(error) or _of_system(error)
    said = said or "no usable answer from Twilio"
    return f"{type(error).__name__}: {_NUMBER.sub(lambda found: masked(found[0]), str(said))}"


def _of_page(error: Exception) -> str:
    """Give what Twilio answered where a list could not be had: the client hands the bare answer on."""
    answer = error.args[-1] if error.args else None
    status = getattr(answer, "status_code", None)
    if status is None:
        return ""
    found = re.search(r'"message":\s*"([^"]*)"', getattr(answer, "text", None) or "")
    return f"HTTP {status}" + (f", {found[1]}" if found else "")


def _of_system(error: Exception) -> str:
    """Give what the machine said where Twilio was never reached: no such host, nobody listens, no open files.

    Of the libraries' own sentences none is taken: they name the whole address.
    """
    for one in _behind(error):
        if isinstance(one, socket.gaierror):
            return f"a name could not be resolved: {one.strerror}"
        if isinstance(one, OSError) and one.strerror:
            return one.strerror
        if type(one) is OSError:
            return str(one)
    return ""


def _asked(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except Exception as error:  # noqa: BLE001  the client raises whatever requests does
        raise TwilioFailed(_told(error)) from None


def _why_not(ask: Callable[[], Any]) -> str:
    try:
        ask()
    except Exception as error:  # noqa: BLE001  the client raises whatever requests does
        return _told(error)
    return ""
