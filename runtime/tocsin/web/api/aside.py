"""The operations that suppress alarms by design, take them out of service, and end that.

Each names an episode and is about its alarm: what holds now holds for the next activations as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tocsin.alarms import plain
from tocsin.web.api import models
from tocsin.web.api.once import once
from tocsin.web.api.operations import Asked, Operation, Reply
from tocsin.web.api.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from tocsin.alarms import PutAside


async def suppress(asked: Asked) -> Reply:
    """Suppress an episode's alarm by design."""
    body: models.SuppressBody = asked.read(models.SuppressBody)
    facts = {"reason": plain(body.reason), "rule": plain(body.rule), "by": asked.by(body.by)}
    return await _done(asked, asked.services.board.suppress_in, facts)


async def unsuppress(asked: Asked) -> Reply:
    """End the suppression of an episode's alarm."""
    body: models.BackBody = asked.read(models.BackBody)
    return await _done(asked, asked.services.board.unsuppress_in, {"by": asked.by(body.by)})


async def out_of_service(asked: Asked) -> Reply:
    """Take an episode's alarm out of service."""
    body: models.OutOfServiceBody = asked.read(models.OutOfServiceBody)
    facts = {"reason": plain(body.reason), "until_ms": body.until_ms, "by": asked.by(body.by)}
    return await _done(asked, asked.services.board.out_of_service_in, facts)


async def return_to_service(asked: Asked) -> Reply:
    """Return an episode's alarm to service."""
    body: models.BackBody = asked.read(models.BackBody)
    return await _done(asked, asked.services.board.return_to_service_in, {"by": asked.by(body.by)})


async def _done(asked: Asked, act: Callable[..., list[PutAside]], facts: dict[str, Any]) -> Reply:
    episode_id = asked.parts["episode"]

    def work(connection: Connection, now_ms: int) -> tuple[Reply, Iterable[Any]]:
        results = act(connection, [plain(episode_id)], via="api", now_ms=now_ms, **facts)
        return _answer(episode_id, results[0]), results

    return await once(asked, work)


def _answer(episode_id: str, result: PutAside) -> Reply:
    outcome = result.outcome
    if outcome == "unknown":
        raise Refused(
            "not-found",
            f"there is no alarm episode {plain(episode_id)[:80]!r}; list them with GET /api/v1/alarms",
        )
    if outcome == "reason_required":
        raise Refused("invalid", 'say why; send {"reason": "…"}')
    if outcome == "not_allowed":
        raise Refused("invalid", "until_ms lies in the past; give a time to come, or leave it out")
    until_ms = result.until_ms if outcome == "ok" else None
    return Reply(200, models.PutAside(episode=episode_id, outcome=outcome, until_ms=until_ms))


_ONE: Final = "/api/v1/alarms/{episode}"
_OK: Final = {"episode": "1jv2m4g1h-0a2b3c4d5e6f", "outcome": "ok", "until_ms": None}

OPERATIONS: Final = (
    Operation(
        "POST", f"{_ONE}/suppress", "operate", "suppressAlarm",
        "Suppress an episode's alarm by design: it is recorded and told to nobody until that is ended.",
        suppress, {200: (models.PutAside, "Suppressed, later activations too.")}, body=models.SuppressBody,
        asks={"reason": "the pump is stopped", "rule": "Plant/Pump 2/Stopped"}, gives=_OK,
    ),
    Operation(
        "POST", f"{_ONE}/unsuppress", "operate", "unsuppressAlarm",
        "End the suppression of an episode's alarm; what is still open is told.",
        unsuppress, {200: (models.PutAside, "Not suppressed any more.")},
        body=models.BackBody, body_required=False, asks={"by": "maria"}, gives=_OK,
    ),
    Operation(
        "POST", f"{_ONE}/out-of-service", "operate", "takeAlarmOutOfService",
        "Take an episode's alarm out of service for maintenance: it is recorded and told to nobody.",
        out_of_service, {200: (models.PutAside, "Out of service, later activations too.")},
        body=models.OutOfServiceBody,
        asks={"reason": "new probe", "until_ms": 1774765800000, "by": "maria"},
        gives={**_OK, "until_ms": 1774765800000},
    ),
    Operation(
        "POST", f"{_ONE}/return-to-service", "operate", "returnAlarmToService",
        "Return an episode's alarm to service; what is still open is told.",
        return_to_service, {200: (models.PutAside, "In service.")},
        body=models.BackBody, body_required=False, asks={"by": "maria"}, gives=_OK,
    ),
)  # fmt: skip
