"""A telephone in the terminal: takes a call turn by turn, each turn a real signed webhook over HTTP.

It stands where Twilio stands, so it shares nothing with the gateway but the auth token and the URL. It
speaks by printing, listens for keys, and knows the verbs the sample scripts use; others are named and
passed over.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin
from xml.etree import ElementTree

import click

from tocsin.telephony import signature

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from xml.etree.ElementTree import Element

    import httpx2

    Keys = Callable[[str], Awaitable[str | None]]
    """Asks for keys after what was heard; "" is silence, None is hanging up."""

WORDS_PER_SECOND = 2.6
"""About how fast Twilio's voices speak."""


class HungUp(Exception):  # noqa: N818  it says what happened
    """Somebody ended the call."""


@dataclass
class Handset:
    """One phone in one call.

    `token` signs as Twilio would; `pace` is how many seconds of speech pass in one second (0: no waiting).
    """

    client: httpx2.AsyncClient
    token: str
    fields: dict[str, str]
    keys: Keys
    pace: float = 1.0
    heard: list[str] = field(default_factory=list)

    async def take(self, url: str) -> None:
        """Live through the call from its first webhook to its end."""
        more: dict[str, str] = {}
        try:
            for _ in range(100):
                document = await self._fetch(url, more)
                response = ElementTree.fromstring(document)  # noqa: S314  the gateway checked it: no DOCTYPE, small
                url, more = await self._play(response, url)
        except HungUp:
            click.secho("  The call is over.", dim=True)

    async def _fetch(self, url: str, more: dict[str, str]) -> str:
        """Send one webhook as Twilio does; return the TwiML."""
        url = url.partition("#")[0]
        form = {**self.fields, "CallStatus": "in-progress", **more}
        headers = {
            "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
            "user-agent": "TwilioProxy/1.1",
            "i-twilio-idempotency-token": secrets.token_hex(16),
            "x-twilio-signature": signature.expected(url, list(form.items()), self.token),
        }
        answer = await self.client.post(url, content=urlencode(form), headers=headers)
        if answer.status_code != 200:
            click.secho(f"  The gateway answered {answer.status_code}: {answer.text.strip()}", fg="red")
            raise HungUp
        return answer.text

    async def status(self, url: str, status: str, seconds: int) -> None:
        """Tell the gateway how the call ended."""
        form = {
            "CallStatus": status,
            "CallDuration": str(seconds),
            "Duration": str(-(-seconds // 60)),
            "SequenceNumber": "3",
        }
        everything = {**self.fields, **form}
        headers = {
            "content-type": "application/x-www-form-urlencoded",
            "x-twilio-signature": signature.expected(url, list(everything.items()), self.token),
        }
        await self.client.post(url, content=urlencode(everything), headers=headers)

    async def _play(self, response: Element, url: str) -> tuple[str, dict[str, str]]:
        """Run one document; return where it leads. Raises HungUp at its end."""
        self.heard.clear()
        for verb in response:
            if verb.tag == "Say":
                await self._say(verb)
            elif verb.tag == "Pause":
                await self._wait(float(verb.get("length", "1")))
            elif verb.tag == "Gather":
                digits = await self._gather(verb)
                if digits:
                    return urljoin(url, verb.get("action") or url), {"Digits": digits, "msg": "Gather End"}
            elif verb.tag == "Redirect":
                return urljoin(url, (verb.text or "").strip()), {}
            elif verb.tag in ("Hangup", "Reject"):
                raise HungUp
            else:
                click.secho(
                    f"  ({verb.tag}, which this telephone only names: {(verb.text or '').strip()})", dim=True
                )
        raise HungUp

    async def _say(self, verb: Element) -> None:
        text = " ".join("".join(verb.itertext()).split())
        if not text:
            return
        self.heard.append(text)
        click.echo(click.wrap_text(text, width=88, initial_indent="  “", subsequent_indent="   ") + "”")
        await self._wait(len(text.split()) / WORDS_PER_SECOND)

    async def _gather(self, gather: Element) -> str:
        for verb in gather:
            if verb.tag == "Say":
                await self._say(verb)
            elif verb.tag == "Pause":
                await self._wait(float(verb.get("length", "1")))
        keys = await self.keys(" ".join(self.heard))
        if keys is None:
            raise HungUp
        pressed = "".join(key for key in keys if key in "0123456789*#")
        finish = gather.get("finishOnKey", "#")
        if finish and finish in pressed:
            pressed = pressed[: pressed.index(finish)]
        limit = gather.get("numDigits")
        return pressed[: int(limit)] if limit else pressed

    async def _wait(self, seconds: float) -> None:
        if self.pace:
            await asyncio.sleep(seconds / self.pace)
