"""What becomes of texts that Twilio took: delivered, undelivered, or no word of it.

A text without a receipt is never sent again: the person is told in another way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import structlog

from tocsin.calls import auditing
from tocsin.calls import store as call_store
from tocsin.channels import contacts, store
from tocsin.channels.ends import carry_out_in
from tocsin.channels.pace import are_slow, trouble_of
from tocsin.channels.settling import fates_of_text
from tocsin.channels.station import RECEIPT, SMS
from tocsin.telephony.client import TwilioFailed
from tocsin.telephony.refusals import UNREACHED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from tocsin.channels.opting_out import OptingOut
    from tocsin.channels.pace import Pace
    from tocsin.channels.station import Station
    from tocsin.engine.port import Job

log = structlog.get_logger("tocsin.channels")

RECEIPT_MS: Final = 120_000
"""A text of which nothing is heard for so long counts as not delivered."""

POLL_MS: Final = 15_000
"""So often a text is looked up where no callback can come in."""

SLOW_RECEIPT_MS: Final = 20_000
"""So long a text of a slow account is waited for."""

DELIVERED: Final = frozenset({"delivered", "read", "partially_delivered"})
UNDELIVERED: Final = frozenset({"undelivered", "failed", "canceled"})


def paces_in(conn: Connection, station: Station, account: str) -> list[Pace]:
    """Give how long the latest texts of an account took, newest first."""
    return store.lasted(conn, account, station.now_ms, DELIVERED, UNDELIVERED)


def is_slow_in(conn: Connection, station: Station, account: str) -> bool:
    """Tell whether texts of an account are slow."""
    return are_slow(paces_in(conn, station, account))


def look_in(conn: Connection, station: Station) -> None:
    """Keep for readiness what is wrong with the texts of each account that hears how they fare."""
    station.lagging = {
        account: why
        for account, profiles in station.accounts(SMS).items()
        if any(one.webhook_base for one in profiles) and (why := trouble_of(paces_in(conn, station, account)))
    }


def patience_in(conn: Connection, station: Station, account: str, base: str) -> int:
    """Give for how long a text of an account is waited for, ms; without callbacks nobody knows better."""
    if not base or not is_slow_in(conn, station, account):
        return RECEIPT_MS
    log.warning("texts-are-slow", account=account, waited_s=SLOW_RECEIPT_MS // 1000)
    return SLOW_RECEIPT_MS


def receipt_due_in(
    conn: Connection, station: Station, message_id: str, sent_ms: int, base: str, *, patience_ms: int
) -> None:
    """Have a text looked after, from the transaction on in which it was sent."""
    now_ms = station.now_ms
    last_ms = sent_ms + patience_ms
    due_ms = last_ms if base else min(last_ms, now_ms + POLL_MS)
    station.engine.enqueue_in(conn, RECEIPT, message_id, due_ms=due_ms)


class Receipts:
    """Looks after texts that were sent. Jobs of its queue are texts."""

    def __init__(self, station: Station, opting_out: OptingOut) -> None:
        self._station = station
        self.opting_out = opting_out

    def receipt_in(
        self, conn: Connection, row: Mapping[Any, Any], status: str, code: int | None, now_ms: int
    ) -> None:
        """Take a message's status; `row` is the text as it is stored. Statuses on the way change nothing."""
        if status in DELIVERED:
            contacts.good_in(conn, SMS, row["number"])
            self._settle_in(conn, row["id"], "delivered", "", now_ms)
        elif status in UNDELIVERED:
            why = f"Twilio error {code}" if code else status
            blamed = UNREACHED.get(code or 0)
            if blamed == "number":
                contacts.bad_in(conn, SMS, row["number"], why=why, code=code, now_ms=now_ms, for_good=True)
            elif blamed == "opted-out":
                self.opting_out.stopped_in(conn, row["number"], why=why, code=code, now_ms=now_ms)
            self._settle_in(conn, row["id"], "undelivered", why, now_ms)

    def _settle_in(self, conn: Connection, message_id: str, outcome: str, why: str, now_ms: int) -> None:
        station = self._station
        row = store.message_row(conn, message_id)
        fates = fates_of_text(
            store.carried(conn, message_id=message_id),
            outcome,
            why,
            number=row["number"] if row is not None else "",
            lost=outcome in store.NOT_TOLD,
        )
        carry_out_in(station, conn, fates, now_ms)
        if not all(fate.outcome for fate in fates):
            station.wake_all_in(conn, SMS)
        station.engine.cancel_in(conn, RECEIPT, [message_id])

    def _looked_up_in(
        self, conn: Connection, row: Mapping[Any, Any], status: str, code: int | None, now_ms: int
    ) -> None:
        """Take what Twilio says of a text as if it had told by itself."""
        told = {"account": row["account"], "sid": row["sid"], "status": status, "at_ms": now_ms}
        told["error"] = "" if code is None else str(code)
        if call_store.add_message_status(conn, told):
            auditing.receipt_in(conn, self._station.services, told)
        self.receipt_in(conn, row, status, code, now_ms)

    async def handle(self, jobs: Sequence[Job]) -> None:
        """Look each text up, and give up waiting for its receipt in time."""
        for job in jobs:
            await self._look(job)

    async def _look(self, job: Job) -> None:
        station = self._station
        db = station.services.db
        row = await db.read(lambda conn: store.message_row(conn, job.key))
        status, code = "", None
        if row is not None and row["sid"]:
            client = station.client_of(SMS, row["profile"])
            try:
                if client is not None:
                    found = await client.fetch_message(row["sid"])
                    status, code = found.status, found.code
            except TwilioFailed as error:
                log.warning("text-not-looked-up", message=job.key, why=str(error))

        def waits(conn: Connection, row: Mapping[Any, Any]) -> int:
            return patience_in(conn, station, row["account"], station.base_of(SMS, row["profile"]))

        def work(conn: Connection) -> None:
            now_ms = station.now_ms
            if row is not None and status in DELIVERED | UNDELIVERED:
                self._looked_up_in(conn, row, status, code, now_ms)
            elif row is not None and 0 <= now_ms - row["at_ms"] < (patience_ms := waits(conn, row)):
                receipt_due_in(conn, station, job.key, row["at_ms"], "", patience_ms=patience_ms)
                return
            else:
                self._settle_in(conn, job.key, "no-receipt", f"Twilio says {status or 'nothing'}", now_ms)
                auditing.text_in(
                    conn, station.services, job.key, action="receipt", result="no-receipt", now_ms=now_ms
                )
            station.engine.complete_in(conn, [job])

        await db.write(work)
