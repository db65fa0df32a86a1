"""A text that came in, and what is kept of it: once, without a PIN, with what was answered.

The row of a text and what it did are one transaction. Whoever finds the row has nothing left to do but to
give the same answer again.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tocsin.calls import auditing, statistics, store
from tocsin.calls.replying import asked, codes
from tocsin.calls.replying.grammar import without_pins
from tocsin.calls.tables import messages
from tocsin.journal.chain import AuditRow
from tocsin.telephony.builders import MessagingResponse
from tocsin.telephony.numbers import masked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from tocsin.calls.replying.deciding import Question
    from tocsin.calls.services import Services

REPLIED = "replied"
"""State of a text that was given as the answer to a webhook, until Twilio tells its SID."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One text from a telephone, as its webhook brought it. `sid` None: Twilio gave none.

    `id` is the same at each delivery, so that the answer to a repeat names the row that the first one made.
    `known`: somebody of ours is at the number; `person` is who, where that is one. `profile` is the message
    profile whose number was texted.
    """

    id: str
    account: str
    sid: str | None
    number: str
    own_number: str
    body: str = field(repr=False)
    opt_out: str
    error: str
    at_ms: int
    person: str | None = None
    profile: str = ""
    known: bool = False

    @property
    def reply_id(self) -> str:
        """The id of the text that answers this one."""
        return f"re-{self.id}"


def inbound_of(services: Services, params: Mapping[str, str], account: str) -> Inbound:
    """Read a webhook's parameters."""
    number, own_number = params.get("From", ""), params.get("To", "")
    users = services.directory.by_number(number)
    profiles = [one for one in services.profiles.message.values() if one.twilio.account_sid == account]
    profiles.sort(key=lambda one: one.twilio.phone_number != own_number)
    sid = params.get("MessageSid") or params.get("SmsSid") or None
    return Inbound(
        _id_of(account, sid),
        account,
        sid,
        number,
        own_number,
        params.get("Body", ""),
        params.get("OptOutType", "").upper(),
        params.get("ErrorCode", ""),
        services.clock.now_ms(),
        users[0].username if len(users) == 1 else None,
        profiles[0].name if profiles else "",
        bool(users),
    )


def _id_of(account: str, sid: str | None) -> str:
    """Give our id of a text: by its SID, where it has one."""
    if sid is None:
        return secrets.token_urlsafe(12)
    name = hashlib.blake2b(f"{account}/{sid}".encode(), digest_size=12).digest()
    return base64.urlsafe_b64encode(name).decode()


def seen_in(conn: Connection, text: Inbound) -> str | None:
    """Give what was answered to this text before, "" for nothing; None where it is new.

    To one that was counted and then removed by retention nothing is answered: it is a recorded one.
    """
    if text.sid is None:
        return None
    mine = (messages.c.account == text.account) & (messages.c.sid == text.sid)
    known = conn.execute(select(messages.c.id).where(mine)).scalar()
    if known is None:
        once = statistics.was_counted(conn, "message", account=text.account, sid=text.sid)
        return "" if once else None
    body = conn.execute(select(messages.c.body).where(messages.c.id == f"re-{known}")).scalar()
    return body or ""


def taken_in(conn: Connection, text: Inbound) -> bool:
    """Record a text; False if it is known already, and nothing is to be done about it."""
    if text.known:
        codes.hold_in(conn, text.number)
    return store.add_message(conn, _row(text))


def answered_in(
    conn: Connection,
    text: Inbound,
    answer: str,
    *,
    acted: bool,
    question: Question | None = None,
) -> str:
    """Record the answer to a text that was taken in this transaction; give what is sent, if anything."""
    if acted:
        asked.acted_in(conn, text.number)
    else:
        before = asked.dialogue_in(conn, text.number)
        if not before.may_inform(text.at_ms):
            answer = ""
        asked.informed_in(conn, text.number, before, question=question, now_ms=text.at_ms, told=bool(answer))
    if answer:
        row = _row(text) | {"id": text.reply_id, "sid": None, "direction": "outbound", "state": REPLIED}
        store.add_message(conn, row | {"body": answer, "error": ""})
    return answer


def audit_in(conn: Connection, services: Services, text: Inbound, rows: list[AuditRow]) -> None:
    """Put rows about a text into the audit of its message profile."""
    auditing.audited_in(conn, auditing.audit_profile(services, "sms", text.profile), rows)


def audit_row(text: Inbound, action: str, result: str, **more: Any) -> AuditRow:
    """Make a row about a text."""
    common = {"number": masked(text.number), "via": "sms", "message_id": text.id}
    return AuditRow(text.at_ms, action, result, **{"person": text.person, **common, **more})


def twiml(services: Services, text: Inbound, answer: str, *, on_record: bool = True) -> str:
    """Give the document that sends an answer, or nothing; how one on record fares is asked for."""
    response = MessagingResponse()
    if answer and not on_record:
        response.message(answer)
    elif answer:
        bases = [
            one.webhook_base
            for one in services.profiles.by_number(text.own_number)
            if one.account_sid == text.account and one.webhook_base
        ]
        told = f"{bases[0]}/main/system/twilio-message/status/{text.reply_id}#rc=2&rp=all" if bases else None
        response.message(answer, status_callback=told)
    return str(response)


def _row(text: Inbound) -> dict[str, Any]:
    return {
        "id": text.id,
        "account": text.account,
        "sid": text.sid,
        "direction": "inbound",
        "number": text.number,
        "own_number": text.own_number,
        "body": without_pins(text.body),
        "state": (text.opt_out or "received").lower(),
        "error": text.error,
        "person": text.person,
        "profile": text.profile,
        "call_id": None,
        "at_ms": text.at_ms,
    }
