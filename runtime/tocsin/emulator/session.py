"""One call following its documents: fetch, fall back, execute verb after verb, go where they say.

https://www.twilio.com/docs/voice/twiml
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.emulator import overrides, parameters, twiml
from tocsin.emulator.leg import Finish, Goto, Leg, Moved
from tocsin.emulator.verbs import SILENT, VERBS, attributes, speak
from tocsin.emulator.webhook import Ask, Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from xml.etree.ElementTree import Element

    from tocsin.emulator.exchange import Exchange
    from tocsin.emulator.verbs.allowed import Allowed

MAX_DOCUMENTS = 200
_APOLOGY = "We are sorry. An application error has occurred. Goodbye."


class Session:
    """The run of documents on one leg."""

    def __init__(self, exchange: Exchange, leg: Leg) -> None:
        self.exchange = exchange
        self.leg = leg
        self.call = leg.call
        self.base = ""
        """The URL of the document being executed."""

    def warn(self, code: int, text: str, *, log: int = 1) -> None:
        """Enter a warning (log 1) or an error (log 0) in the account's debugger."""
        self.exchange.world.accounts.complain(
            self.call.account_sid, self.call.sid, log=log, code=code, text=text, url=self.base
        )

    def report(self, url: str, method: str, params: dict[str, str], *, status: str = "completed") -> None:
        """Tell an action URL something whose answer no longer matters, because the caller is gone."""
        told = {**parameters.voice(self.call, status), **params}
        self.exchange.callbacks.other(self._ask(url, method, told, "action"))

    async def answer(self) -> None:
        """Answer an incoming call, if it still rings."""
        if self.call.status == "ringing":
            self.exchange.happen(self.leg, "answer")

    async def run(self, goto: Goto, *, within: bool = False, allowed: Allowed | None = None) -> Finish:
        """Follow documents until one is finished; raises HungUp or Ended where the call ends first.

        `within` a verb (music on hold), also Moved and Summoned: they are for the document around it.
        `allowed` tells which verbs may be used, where not all may.
        """
        following: Goto | Finish | None = goto
        for _ in range(MAX_DOCUMENTS):
            try:
                document = await self._obtain(following)
                if document is None:
                    return await self._apologise()
                following = await self._perform(document.verbs, allowed)
            except Moved as moved:
                if within:
                    raise
                following = moved.goto
            if following is None:
                return Finish("end")
            if isinstance(following, Finish):
                return following
        self.warn(11200, f"the call went through more than {MAX_DOCUMENTS} documents; it was ended", log=0)
        return Finish("hangup")

    async def hold(
        self, url: str, method: str, facts: Callable[[], dict[str, str]], allowed: Allowed
    ) -> Finish:
        """Run a document again and again, at most once a second, until it leaves or hangs up.

        It is told what `facts` gives each time.
        """
        while True:
            began = self.leg.clock.now()
            outcome = await self.run(Goto(url, method, facts()), within=True, allowed=allowed)
            if outcome.verb != "end":
                return outcome
            await self.leg.pause(max(0.0, began + 1.0 - self.leg.clock.now()))

    def _ask(self, url: str, method: str, params: dict[str, str], kind: str) -> Ask:
        call = self.call
        return Ask(url, params, kind, call.account_sid, call.sid, method, call.to, call.from_, call.requests)

    async def _obtain(self, goto: Goto | Finish | None) -> twiml.Document | None:
        """Fetch a document, or the fallback's where that fails; None where neither gives one."""
        assert isinstance(goto, Goto)
        try:
            if goto.twiml:
                return twiml.parse(goto.twiml, url=self.base)
            return await self._fetch(goto.url, goto.method, goto.params)
        except twiml.Unusable as error:
            self.base = goto.url or self.base
            self.warn(error.code, str(error), log=0)
            code, failed = error.code, overrides.read(goto.url)[0]
        options = self.call.options
        if not options.fallback_url:
            return None
        try:
            params = {"ErrorCode": str(code), "ErrorUrl": failed}
            return await self._fetch(options.fallback_url, options.fallback_method, params)
        except twiml.Unusable as error:
            self.base = options.fallback_url
            self.warn(error.code, str(error), log=0)
            return None

    async def _fetch(self, url: str, method: str, extra: dict[str, str]) -> twiml.Document:
        params = parameters.voice(self.call, self.call.status) | extra
        answer = await self.leg.during(
            self.exchange.world.webhooks.send(self._ask(url, method, params, "voice"))
        )
        if isinstance(answer, Failure):
            raise twiml.Unusable(answer.code, answer.message)
        document = twiml.read(answer.body, answer.content_type, url=url)
        self.base = url
        return document

    async def _perform(self, verbs: Iterable[Element], allowed: Allowed | None) -> Goto | Finish | None:
        for element in verbs:
            verb = VERBS.get(element.tag)
            if verb is None:
                self.warn(12200, f"<{element.tag}> is no verb that is emulated; it is skipped")
                continue
            if allowed is not None and element.tag not in allowed.verbs:
                text = f"<{element.tag}> cannot stand in {allowed.where}; it is skipped"
                self.warn(allowed.code, text, log=allowed.log)
                continue
            attributes.check(self, element)
            if element.tag not in SILENT:
                await self.answer()
            outcome = await verb(self, element)
            if outcome is not None:
                return outcome
        return None

    async def _apologise(self) -> Finish:
        await self.answer()
        await speak.utter(self, _APOLOGY)
        return Finish("hangup")
