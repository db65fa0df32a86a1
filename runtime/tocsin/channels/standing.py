"""How accounts stand at Twilio: which of them take nothing as they are, and whose texts are late.

Each process looks for itself, whichever of them the attempts were made by: what it says in `/readyz` holds
for all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from tocsin.channels import receipts, store
from tocsin.channels.dispatch import refusing_since
from tocsin.channels.station import SMS, VOICE
from tocsin.db import NotStored

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.channels.station import Station
    from tocsin.telephony.client import TwilioClient

log = structlog.get_logger("tocsin.channels")

EVERY_S: Final = 30.0


class Standing:
    """Keeps up to date what the station knows of its accounts."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._began_ms = 0
        self._asked_by: dict[str, tuple[list[TwilioClient | None], int]] = {}
        """By account its clients and since when they are these, ms UTC."""

    async def keep_looking(self) -> None:
        """Look again and again, until cancelled."""
        station = self._station
        self._began_ms = station.now_ms
        while True:
            await station.services.clock.sleep(EVERY_S)
            try:
                with station.services.clock.hold():
                    await station.services.db.read(self.look_in)
            except NotStored as error:
                log.debug("accounts-not-looked-at", error=str(error))
            except Exception:
                # Whatever it was, the next look may do.
                log.exception("accounts-not-looked-at")

    def look_in(self, conn: Connection) -> None:
        """Look once."""
        station = self._station
        receipts.look_in(conn, station)
        known = dict(station.refusing)
        station.refusing = {
            (channel, account): min(since_ms, known.get((channel, account), since_ms))
            for channel in (VOICE, SMS)
            for account in station.accounts(channel)
            if (since_ms := self._refusing_in(conn, channel, account)) is not None
        }

    def _refusing_in(self, conn: Connection, channel: str, account: str) -> int | None:
        asked_ms = self._asked_like_this_ms(account)
        tried = store.tried(conn, channel, account)
        return refusing_since([one for one in tried if one.at_ms >= asked_ms])

    def _asked_like_this_ms(self, account: str) -> int:
        """Give since when an account is asked as it is now: what refused other credentials may take these.

        Those that a process began with may have been changed just before.
        """
        station = self._station
        profiles = station.services.profiles.by_account(account)
        clients = [station.client(one.name) for one in profiles]
        known = self._asked_by.get(account)
        if known is None or known[0] != clients:
            known = clients, self._began_ms if known is None else station.now_ms
            self._asked_by[account] = known
        return known[1]
