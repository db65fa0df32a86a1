"""Message webhooks: a text that came in, and how a text that went out fares.

Each message counts once by MessageSid, each status once by (MessageSid, status). Answering texts is for a
later room; here nothing is lost and nothing is said twice.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any

import structlog

from tocsin.calls import auditing, statistics, store
from tocsin.calls.webhook import Answer
from tocsin.db import NotStored

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from tocsin.calls.services import Services

log = structlog.get_logger("tocsin.calls")

EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
_PIN = re.compile(r"(?<!\d)\d{4,8}(?!\d)")


class Messages:
    """Takes in message webhooks."""

    def __init__(self, services: Callable[[], Services]) -> None:
        self._services = services

    async def inbound(self, params: dict[str, str], account: str) -> Answer:
        """Record a text from a phone; what could be a PIN is cut from the stored body."""
        services = self._services()
        row: dict[str, Any] = {
            "id": secrets.token_urlsafe(12),
            "account": account,
            "sid": params.get("MessageSid") or params.get("SmsSid") or None,
            "direction": "inbound",
            "number": params.get("From", ""),
            "own_number": params.get("To", ""),
            "body": _PIN.sub("PIN#", params.get("Body", "")),
            "state": params.get("OptOutType", "received").lower(),
            "error": params.get("ErrorCode", ""),
            "call_id": None,
            "at_ms": services.clock.now_ms(),
        }

        def work(conn: Connection) -> bool:
            new = store.add_message(conn, row)
            if new and params.get("OptOutType"):
                services.texted_in(conn, params.get("From", ""), params["OptOutType"].upper(), row["at_ms"])
            return new

        try:
            if not await services.db.write(work):
                log.info("message-repeated", sid=row["sid"])
        except NotStored as error:
            log.error("message-not-stored", why=str(error))
            return Answer(None, 503)
        return Answer(EMPTY)

    async def status(self, params: dict[str, str], account: str, ref: str = "0") -> Answer:
        """Record how an outgoing text fares; `ref` is the id in the webhook's path."""
        services = self._services()
        row: dict[str, Any] = {
            "account": account,
            "sid": params.get("MessageSid") or params.get("SmsSid") or "",
            "status": params.get("MessageStatus") or params.get("SmsStatus") or "",
            "error": params.get("ErrorCode", ""),
            "at_ms": services.clock.now_ms(),
        }

        def work(conn: Connection) -> None:
            statistics.message_event_counted_in(conn, account, params)
            if store.add_message_status(conn, row):
                auditing.receipt_in(conn, services, row)
                text = store.outgoing_text(conn, account=account, sid=row["sid"], ref=ref)
                if text is not None:
                    error = row["error"]
                    code = int(error) if error.isascii() and error.isdigit() and len(error) < 10 else None
                    services.receipt_in(conn, text, row["status"], code, row["at_ms"])

        try:
            await services.db.write(work)
        except NotStored as error:
            log.error("message-status-not-stored", why=str(error))
            return Answer(None, 503)
        return Answer(None, 204)
