"""Changes that happen once however often they are asked for: the Idempotency-Key.

The answer is kept in the transaction of the change itself, under the token and its key, for a day. The same
request again gets the same answer; the same key with another request is refused
(https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/), as a conflict.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from tocsin.web.api.operations import Reply
from tocsin.web.api.problems import Refused
from tocsin.web.tables import answered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from tocsin.web.api.operations import Asked

KEPT_MS: Final = 24 * 3600 * 1000
LONGEST_KEY: Final = 255


async def once(asked: Asked, work: Callable[[Connection, int], tuple[Reply, Iterable[Any]]]) -> Reply:
    """Run `work(connection, now_ms)` unless this request was answered before; give its reply.

    `work` returns the reply and the board's results, which are applied once they are committed. Raises
    NotStored, and Refused for a key that was used for something else.
    """
    services = asked.services
    key = asked.headers.get("idempotency-key")
    now_ms = services.clock.now_ms()
    if key is not None and not (1 <= len(key) <= LONGEST_KEY and key.isprintable()):
        raise Refused("invalid", f"the Idempotency-Key must have 1 to {LONGEST_KEY} printable characters")

    def in_transaction(connection: Connection) -> tuple[Reply, Iterable[Any]]:
        if key is None:
            return work(connection, now_ms)
        fingerprint = _fingerprint(asked)
        for _ in range(2):
            earlier = _earlier(connection, asked.token.name, key, fingerprint, now_ms)
            if earlier is not None:
                return earlier, ()
            try:
                with connection.begin_nested():
                    reply, results = work(connection, now_ms)
                    _keep(connection, asked.token.name, key, fingerprint, reply, now_ms)
            except IntegrityError:
                continue  # the same request ran beside this one and was first; its answer is there now
            return reply, results
        raise Refused(
            "key-reused", "the same Idempotency-Key is in use by another request; wait for its answer"
        )

    return await services.board.transact(in_transaction)


def _fingerprint(asked: Asked) -> str:
    return hashlib.sha256(b"\0".join([asked.method.encode(), asked.path.encode(), asked.body])).hexdigest()


def _earlier(connection: Connection, token: str, key: str, fingerprint: str, now_ms: int) -> Reply | None:
    """Give the answer this request had before; what is older than a day is forgotten on the way."""
    connection.execute(delete(answered).where(answered.c.created_ms < now_ms - KEPT_MS))
    row = connection.execute(select(answered).where(answered.c.token == token, answered.c.key == key)).first()
    if row is None:
        return None
    if row.fingerprint != fingerprint:
        raise Refused("key-reused", "this Idempotency-Key came with another request before; make a new one")
    return Reply(row.status, msgspec.Raw(row.body.encode()), {"idempotency-replayed": "true"})


def _keep(connection: Connection, token: str, key: str, fingerprint: str, reply: Reply, now_ms: int) -> None:
    connection.execute(
        insert(answered).values(
            token=token,
            key=key,
            fingerprint=fingerprint,
            status=reply.status,
            body=msgspec.json.encode(reply.value).decode(),
            created_ms=now_ms,
        )
    )
