"""Message webhooks: a text that came in, and how a text that went out fares.

Each message counts once by MessageSid, each status once by (MessageSid, status). What a text means and what
follows from it is in `replying`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from tocsin.calls import auditing, statistics, store
from tocsin.calls.replying.replies import Replies
from tocsin.calls.webhook import Answer
from tocsin.db import NotStored

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from tocsin.calls.services import Services

log = structlog.get_logger("tocsin.calls")


class Messages:
    """Takes in message webhooks."""

    def __init__(self, services: Callable[[], Services]) -> None:
        self._services = services
        self._replies = Replies(services)

    async def inbound(self, params: dict[str, str], account: str) -> Answer:
        """Record a text from a phone, do what it asks for, and answer it."""
        return await self._replies.take(params, account)

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
