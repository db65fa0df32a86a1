"""Changes that happen once however often they are asked for: the Idempotency-Key.

The answer is kept in the transaction of the change itself, under the token and its key, for a day. The same
request again gets the same answer; the same key with another request is refused
(https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/), as a conflict.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from tocsin.db import NotStored
from tocsin.web.api.operations import Reply
from tocsin.web.api.problems import Refused
from tocsin.web.tables import answered

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from sqlalchemy import Connection

    from tocsin.web.api.operations import Asked

log = structlog.get_logger("tocsin.web")

KEPT_MS: Final = 24 * 3600 * 1000
LONGEST_KEY: Final = 255
_BEGUN: Final = 0  # in place of an HTTP status: claimed, and its end not on record


async def once(asked: Asked, work: Callable[[Connection, int], tuple[Reply, Iterable[Any]]]) -> Reply:
    """Run `work(connection, now_ms)` unless this request was answered before; give its reply.

    `work` returns the reply and the board's results, which are applied once they are committed. Raises
    NotStored, and Refused for a key that was used for something else.
    """
    services, key = asked.services, _key(asked)
    now_ms = services.clock.now_ms()

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


async def once_beyond(asked: Asked, act: Callable[[], Awaitable[Reply]]) -> Reply:
    """Run `act`, which reaches beyond the database, unless this request was made before; give its reply.

    The key is claimed before `act` begins, so that a repeat after a crash does nothing: nobody knows how
    the first one ended, and it says so. A refusal gives the key back. Raises NotStored and Refused.
    """
    services, key = asked.services, _key(asked)
    if key is None:
        return await act()
    place, fingerprint = (asked.token.name, key), _fingerprint(asked)
    running = services.under_way.get(place)
    if running is None:
        running = services.under_way[place] = (
            fingerprint,
            asyncio.ensure_future(_claimed(asked, key, fingerprint, act)),
        )
        running[1].add_done_callback(lambda _: services.under_way.pop(place, None))
    elif running[0] != fingerprint:
        raise _reused()
    # Carried through even where the client has gone: what was begun must be recorded.
    return await asyncio.shield(running[1])


def _claim(connection: Connection, name: str, key: str, fingerprint: str, now_ms: int) -> Reply | None:
    """Claim a key; give what is there already where somebody was first."""
    for _ in range(2):
        earlier = _earlier(connection, name, key, fingerprint, now_ms)
        if earlier is not None:
            return earlier
        try:
            with connection.begin_nested():
                _keep(connection, name, key, fingerprint, Reply(_BEGUN, None), now_ms)
        except IntegrityError:
            continue  # another replica was first; its claim is there now
        break
    return None


async def _claimed(asked: Asked, key: str, fingerprint: str, act: Callable[[], Awaitable[Reply]]) -> Reply:
    services, name = asked.services, asked.token.name
    now_ms, place = services.clock.now_ms(), (asked.token.name, key)

    def release(connection: Connection) -> None:
        connection.execute(delete(answered).where(answered.c.token == name, answered.c.key == key))

    def settle(connection: Connection) -> None:
        release(connection)
        _keep(connection, name, key, fingerprint, reply, now_ms)

    def claim(connection: Connection) -> Reply | None:
        if place in services.given_back:
            release(connection)
        return _claim(connection, name, key, fingerprint, now_ms)

    earlier = await services.db.write(claim)
    services.given_back.discard(place)
    if earlier is not None:
        if earlier.status == _BEGUN:
            raise Refused(
                "end-unknown",
                "a request with this Idempotency-Key was begun and nobody knows how it ended;"
                " nothing was done again, look into the journal",
            )
        return earlier
    try:
        reply = await act()
    except (Refused, NotStored):
        # Where this cannot be written either, the repeat that was asked for does it.
        services.given_back.add(place)
        await services.db.write(release)
        services.given_back.discard(place)
        raise
    try:
        await services.db.write(settle)
    except NotStored as error:
        log.error("answer-not-stored", token=name, why=str(error))
    return reply


def _key(asked: Asked) -> str | None:
    key = asked.headers.get("idempotency-key")
    if key is not None and not (1 <= len(key) <= LONGEST_KEY and key.isprintable()):
        raise Refused("invalid", f"the Idempotency-Key must have 1 to {LONGEST_KEY} printable characters")
    return key


def _reused() -> Refused:
    return Refused("key-reused", "this Idempotency-Key came with another request before; make a new one")


def _fingerprint(asked: Asked) -> str:
    return hashlib.sha256(b"\0".join([asked.method.encode(), asked.path.encode(), asked.body])).hexdigest()


def _earlier(connection: Connection, token: str, key: str, fingerprint: str, now_ms: int) -> Reply | None:
    """Give the answer this request had before; what is older than a day is forgotten on the way."""
    connection.execute(delete(answered).where(answered.c.created_ms < now_ms - KEPT_MS))
    row = connection.execute(select(answered).where(answered.c.token == token, answered.c.key == key)).first()
    if row is None:
        return None
    if row.fingerprint != fingerprint:
        raise _reused()
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
