"""Messages between Twilio numbers and phones: accepted, sent, delivered or not, answered, and opted out of.

https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any

from tocsin.emulator import numbers, parameters, sms, twiml
from tocsin.emulator.faults import MESSAGE_KINDS
from tocsin.emulator.limits import Slots
from tocsin.emulator.phone import NotPossible, Phone
from tocsin.emulator.records import Message
from tocsin.emulator.refusal import Refused
from tocsin.emulator.verbs.attributes import KNOWN
from tocsin.emulator.webhook import Ask, Failure, Reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

    from tocsin.emulator.account import Account
    from tocsin.emulator.callbacks import Callbacks
    from tocsin.emulator.records import Number
    from tocsin.emulator.world import World

_TO_SENT = 0.4
_TO_DELIVERED = 1.2
_MAX_DOCUMENTS = 20
# Twilio stops two numbers that answer each other by machine: 15 replies in 30 s.
_LOOP_REPLIES, _LOOP_SECONDS = 15, 30.0
_BODY = 1600


class Messaging:
    """Every message of one emulator."""

    def __init__(self, world: World, phone: Callable[[str], Phone], callbacks: Callbacks) -> None:
        self._world = world
        self._phone = phone
        self._callbacks = callbacks
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = Slots()
        self._replies: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    async def aclose(self) -> None:
        """Drop what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # Out.

    def send(
        self,
        account: Account,
        *,
        to: str,
        from_: str,
        body: str,
        status_url: str = "",
        direction: str = "outbound-api",
        service_sid: str = "",
        media: tuple[str, ...] = (),
    ) -> Message:
        """Accept a message to a phone, or raise Refused as Twilio's API would."""
        self._check(account, to, from_, body, has_media=bool(media))
        now = self._world.clock.now()
        message = Message(
            self._world.sids.new("MM" if media else "SM"), account.sid, to, from_, body, direction,
            "accepted" if service_sid else "queued", now, now, sms.segments(body),
            service_sid=service_sid, status_url=status_url, media=media,
        )  # fmt: skip
        account.messages[message.sid] = message
        self._queue(message)
        return message

    def _queue(self, message: Message) -> None:
        """Let a message wait for its sender's turn; where too many wait already, it fails with 30001."""
        limits, now, sender = self._world.limits, self._world.clock.now(), message.from_
        rate = limits.messages_per_second
        if rate and self._slots.wait(sender, now) * rate > limits.most_queued:
            self._world.timers.after(_TO_SENT, lambda: self._overflowed(message))
            return
        wait = self._slots.take(sender, now, rate, message.segments)
        self._world.timers.after(wait + _TO_SENT, lambda: self._sent(message))

    def _overflowed(self, message: Message) -> None:
        message.error_code = 30001
        self._become(message, "failed")

    def _check(self, account: Account, to: str, from_: str, body: str, *, has_media: bool) -> None:
        if not to:
            raise Refused(21604)
        if not from_:
            raise Refused(21603)
        if not body and not has_media:
            raise Refused(21602)
        if len(body) > _BODY:
            raise Refused(21617)
        if (code := numbers.MAGIC_MESSAGE_FROM.get(from_)) is not None:
            raise Refused(code, from_)
        if (code := numbers.MAGIC_MESSAGE_TO.get(to)) is not None:
            raise Refused(code, to)
        if not numbers.is_e164(to.removeprefix("whatsapp:")) or to == from_:
            raise Refused(21211, to)
        if not numbers.is_sender(from_):
            raise Refused(21212, from_)
        if (from_, to) in account.opted_out:
            raise Refused(21610, to)

    def _become(self, message: Message, status: str) -> None:
        message.status, message.updated = status, self._world.clock.now()
        self._world.events.publish("message", message.updated, sid=message.sid, to=message.to, status=status)
        self._callbacks.message(message)

    def _sent(self, message: Message) -> None:
        if message.status == "canceled":
            return
        message.sent = self._world.clock.now()
        fault = self._world.faults.take(
            MESSAGE_KINDS - {"dlr-invalid"},
            to=message.to,
            sid=message.sid,
            event="message-sent",
            path=f"{parameters.ACCOUNTS}/{message.account_sid}/Messages.json",
            **{"from": message.from_},
        )
        if fault is not None and fault.kind == "message-failed":
            message.error_code = int(fault.value)
            self._become(message, "failed")
            return
        self._become(message, "sent")
        if fault is not None:
            code = int(fault.value)
            self._world.timers.after(_TO_DELIVERED, lambda: self._undelivered(message, code))
        else:
            self._world.timers.after(_TO_DELIVERED, lambda: self._delivered(message))

    def _undelivered(self, message: Message, code: int) -> None:
        message.error_code = code
        self._become(message, "undelivered")

    def _delivered(self, message: Message) -> None:
        phone = self._phone(message.to)
        phone.peer = message.from_
        phone.write("sms-in", message.body)
        self._become(message, "delivered")
        answered = phone.texts
        phone.texts += 1
        if answered < len(phone.persona.replies):
            self._answer(phone, message, phone.persona.replies[answered])

    def _answer(self, phone: Phone, message: Message, body: str) -> None:
        """Text back, where the sender is a number that somebody owns: a name, for one, takes no answer."""
        try:
            self.receive(phone, message.from_, body)
        except NotPossible as error:
            self._complain(message, "", 1, 21211, f"the phone's reply went nowhere: {error}")

    # In.

    def receive(self, phone: Phone, to: str, body: str) -> Message:
        """Take a text from a phone; raises NotPossible where nobody owns the number it goes to."""
        number = self._world.accounts.owner(to)
        if number is None:
            raise NotPossible(f"{to or 'no number'} is no Twilio number of any account here")
        if not body:
            raise NotPossible("a text has at least one character")
        now = self._world.clock.now()
        message = Message(
            sid=self._world.sids.new("SM"),
            account_sid=number.account_sid,
            to=to,
            from_=phone.number,
            body=body,
            direction="inbound",
            status="received",
            created=now,
            updated=now,
            segments=sms.segments(body),
            sent=now,
        )
        self._world.accounts.get(number.account_sid).messages[message.sid] = message
        phone.peer = to
        phone.write("sms-out", body)
        task = asyncio.create_task(self._inbound(number, message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return message

    async def _inbound(self, number: Number, message: Message) -> None:
        account = self._world.accounts.get(number.account_sid)
        kind = sms.opt_out_type(message.body)
        pair = (message.to, message.from_)
        if kind == "STOP":
            account.opted_out.add(pair)
        elif kind == "START":
            account.opted_out.discard(pair)
        if kind:
            # The carrier's own answer, which reaches also those who opted out.
            self._world.timers.after(
                _TO_DELIVERED, lambda: self._phone(message.from_).write("sms-in", sms.REPLIES[kind])
            )
        url, method = number.setting("sms_url"), number.setting("sms_method") or "POST"
        params = parameters.message_in(message) | ({"OptOutType": kind} if kind else {})
        if not url:
            return
        failed = await self._converse(account, message, _ask(message, "message-inbound", url, method, params))
        fallback = number.setting("sms_fallback_url")
        if failed is not None and fallback:
            method = number.setting("sms_fallback_method") or "POST"
            params |= {"ErrorCode": str(failed), "ErrorUrl": url}
            await self._converse(
                account, message, _ask(message, "message-fallback", fallback, method, params)
            )

    async def _converse(self, account: Account, message: Message, ask: Ask) -> int | None:
        """Fetch and follow messaging documents; returns Twilio's error code where one is unusable."""
        for _ in range(_MAX_DOCUMENTS):
            answer = await self._world.webhooks.send(ask)
            try:
                redirect = self._follow(account, message, ask, answer)
            except twiml.Unusable as error:
                self._complain(message, ask.url, 0, error.code, str(error))
                return error.code
            if redirect is None:
                return None
            ask = redirect
        self._complain(message, ask.url, 0, 11200, f"more than {_MAX_DOCUMENTS} documents for one message")
        return None

    def _follow(self, account: Account, message: Message, ask: Ask, answer: Reply | Failure) -> Ask | None:
        if isinstance(answer, Failure):
            raise twiml.Unusable(answer.code, answer.message)
        if answer.status == 204 or (not answer.body and not answer.content_type):
            return None
        document = twiml.read(answer.body, answer.content_type, url=ask.url)
        for element in document.verbs:
            if element.tag in ("Message", "Sms", "Say"):
                self._reply(account, message, element, ask.url)
            elif element.tag == "Redirect":
                url = parameters.resolve(ask.url, "".join(element.itertext()))
                params = {name: value for name, value in ask.params.items() if name != "OptOutType"}
                return Ask(
                    url,
                    params,
                    ask.kind,
                    ask.account_sid,
                    ask.sid,
                    _method(element),
                    ask.to,
                    ask.from_,
                )
            else:
                self._complain(
                    message, ask.url, 1, 12200, f"<{element.tag}> is no verb of a message; it is skipped"
                )
        return None

    def _reply(self, account: Account, message: Message, element: Element, base: str) -> None:
        for name in set(element.attrib) - KNOWN["Message"]:
            self._complain(
                message, base, 1, 12200, f"<{element.tag}> has no attribute {name!r}; it is ignored"
            )
        bodies = element.findall("Body")
        body = "".join("".join(one.itertext()) for one in bodies) if bodies else (element.text or "")
        to, from_ = element.get("to") or message.from_, element.get("from") or message.to
        recent = self._replies[from_, to]
        now = self._world.clock.now()
        while recent and recent[0] < now - _LOOP_SECONDS:
            recent.popleft()
        if len(recent) >= _LOOP_REPLIES:
            self._complain(
                message, base, 0, 14107, f"more than {_LOOP_REPLIES} replies to one number in 30 s"
            )
            return
        recent.append(now)
        status_url = element.get("statusCallback") or element.get("action") or ""
        media = tuple((one.text or "").strip() for one in element.findall("Media"))
        facts: dict[str, Any] = {"direction": "outbound-reply", "media": media}
        facts["status_url"] = parameters.resolve(base, status_url) if status_url else ""
        try:
            self.send(account, to=to, from_=from_, body=body.strip(), **facts)
        except Refused as refusal:
            self._complain(message, base, 0, refusal.code, str(refusal))

    def _complain(self, message: Message, url: str, log: int, code: int, text: str) -> None:
        self._world.accounts.complain(
            message.account_sid, message.sid, log=log, code=code, text=text, url=url
        )


def _method(element: Element) -> str:
    given = element.get("method", "POST").strip().upper()
    return given if given in ("GET", "POST") else "POST"


def _ask(message: Message, kind: str, url: str, method: str, params: dict[str, str]) -> Ask:
    return Ask(url, params, kind, message.account_sid, message.sid, method, message.to, message.from_)
