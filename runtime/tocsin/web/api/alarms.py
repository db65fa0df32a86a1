"""The operations on alarms: report, list, show, acknowledge, shelve, unshelve."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tocsin.alarms import LISTINGS, AlarmEvent, Episode, notices_of, plain
from tocsin.journal import entries
from tocsin.web.api import models
from tocsin.web.api.once import once
from tocsin.web.api.operations import Asked, Operation, QueryParameter, Reply
from tocsin.web.api.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

_MOST_LISTED: Final = 1000
_USUALLY_LISTED: Final = 200
_CURSOR: Final = re.compile(r"(\d{1,15})\.([0-9A-Za-z_-]{1,64})")
_EVENT_KEYS: Final = frozenset(models.AlarmEventBody.__struct_fields__)


# --- reporting ---------------------------------------------------------------------------------------


async def report(asked: Asked) -> Reply:
    """Take one event or an array of them: all on disk before this answers, or none."""
    given = asked.read(models.AlarmEventBody | list[models.AlarmEventBody])
    bodies = given if isinstance(given, list) else [given]
    source = f"api:{asked.token.name}"
    read = [_event(body, source) for body in bodies]
    strangers = _strangers(asked.body)

    def work(connection: Connection, now_ms: int) -> tuple[Reply, Iterable[Any]]:
        results = asked.services.board.report_in(connection, [event for event, _ in read], now_ms=now_ms)
        accepted = [
            models.Accepted(
                id=result.id,
                episode=result.episode,
                state=result.state,
                warnings=[*result.warnings, *warnings, *odd],
            )
            for result, (_, warnings), odd in zip(results, read, strangers, strict=True)
        ]
        return Reply(202, accepted if isinstance(given, list) else accepted[0]), results

    return await once(asked, work)


def _event(body: models.AlarmEventBody, source: str) -> tuple[AlarmEvent, list[str]]:
    """Make an event; texts with control characters (a PLC's padding) are cleaned and the cleaning told."""
    cleaned: dict[str, str | None] = {}
    for key in ("path", "name", "pipeline", "label"):
        text = getattr(body, key)
        cleaned[key] = (plain(text) or None) if text is not None else None
    path = cleaned.pop("path")
    if path is None or not path.strip(" /"):
        raise Refused("invalid", "an alarm needs a path such as Plant/Pump 2/High level")
    warnings = [
        f"control characters were taken out of {key}"
        for key in ("path", "name", "pipeline", "label")
        if (text := getattr(body, key)) is not None and plain(text) != text.strip()
    ]
    event = AlarmEvent(
        path=path,
        state=body.state,
        priority=body.priority,
        value=body.value,
        data=body.data,
        source=source,
        **cleaned,
    )
    return event, warnings


def _strangers(body: bytes) -> list[list[str]]:
    """Give for each event warnings about the keys nobody knows."""
    raw = msgspec.json.decode(body)
    return [
        [
            f"{key!r} is not a key of an alarm event and was not used"
            for key in event
            if key not in _EVENT_KEYS
        ][:10]
        for event in (raw if isinstance(raw, list) else [raw])
    ]


# --- reading -----------------------------------------------------------------------------------------


async def listing(asked: Asked) -> Reply:
    """List episodes, newest first, a page at a time."""
    state = asked.query.get("state", "open")
    if state not in LISTINGS:
        raise Refused("invalid", f"state={state!r} is not known; use one of {', '.join(LISTINGS)}")
    limit = _limit(asked.query.get("limit", str(_USUALLY_LISTED)))
    before = _cursor(asked.query["before"]) if "before" in asked.query else None
    found = await asked.services.board.listing(state, limit=limit + 1, before=before)
    page = found[:limit]
    more = f"{page[-1].active_ms}.{page[-1].id}" if len(found) > limit else None
    return Reply(200, models.AlarmPage(alarms=[_alarm(episode) for episode in page], next=more))


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= _MOST_LISTED):
        raise Refused("invalid", f"limit={text!r} must be a number from 1 to {_MOST_LISTED}")
    return int(text)


def _cursor(text: str) -> tuple[int, str]:
    found = _CURSOR.fullmatch(text)
    if found is None or not text.isascii():
        raise Refused("invalid", "before must be the `next` of the page before")
    return int(found[1]), found[2]


async def show(asked: Asked) -> Reply:
    """Show one episode with its timeline and its notices."""
    episode = await _found(asked)
    timeline, notices = await asked.services.db.read(
        lambda connection: (entries(connection, episode.id, "alarm.*"), notices_of(connection, episode.id))
    )
    return Reply(
        200,
        models.AlarmDetail(
            **msgspec.structs.asdict(_alarm(episode)),
            timeline=[
                models.TimelineEntry(at_ms=entry.at_ms, kind=entry.kind, person=entry.person, data=entry.data)
                for entry in timeline
            ],
            notices=[models.Notice(**notice) for notice in notices],
        ),
    )


async def _found(asked: Asked) -> Episode:
    episode_id = asked.parts["episode"]
    episode = await asked.services.board.find(plain(episode_id)) if episode_id else None
    if episode is None:
        raise _unknown(episode_id)
    return episode


def _unknown(episode_id: str) -> Refused:
    return Refused(
        "not-found",
        f"there is no alarm episode {plain(episode_id)[:80]!r}; list them with GET /api/v1/alarms",
    )


def _alarm(episode: Episode) -> models.Alarm:
    return models.Alarm(
        **{name: getattr(episode, name) for name in models.Alarm.__struct_fields__ if name != "data"},
        data=dict(episode.data),
    )


# --- acting ------------------------------------------------------------------------------------------


def _by(asked: Asked, given: str | None) -> str:
    if given is None:
        return asked.token.name
    if not asked.services.knows(given):
        raise Refused(
            "not-found", f"there is no user {plain(given)!r}; leave `by` out to act as the token itself"
        )
    return given


async def acknowledge(asked: Asked) -> Reply:
    """Acknowledge an episode; who comes second learns who was first."""
    body: models.AcknowledgeBody = asked.read(models.AcknowledgeBody)
    by, note, episode_id = _by(asked, body.by), plain(body.note), asked.parts["episode"]

    def work(connection: Connection, now_ms: int) -> tuple[Reply, Iterable[Any]]:
        (result,) = results = asked.services.board.acknowledge_in(
            connection, [plain(episode_id)], by=by, via="api", note=note, now_ms=now_ms
        )
        if result.outcome == "unknown":
            raise _unknown(episode_id)
        if result.outcome == "note_required":
            raise Refused("note-required", 'this alarm is acknowledged with a note only; send {"note": "…"}')
        answer = models.Acknowledged(
            episode=episode_id, outcome=result.outcome, by=result.by, at_ms=result.at_ms
        )
        return Reply(200, answer), results

    return await once(asked, work)


async def shelve(asked: Asked) -> Reply:
    """Put an episode aside for some minutes."""
    body: models.ShelveBody = asked.read(models.ShelveBody)
    by, episode_id = _by(asked, body.by), asked.parts["episode"]

    def work(connection: Connection, now_ms: int) -> tuple[Reply, Iterable[Any]]:
        results = asked.services.board.shelve_in(
            connection, [plain(episode_id)], by=by, via="api", minutes=body.minutes, now_ms=now_ms
        )
        return _shelved(episode_id, results[0]), results

    return await once(asked, work)


async def unshelve(asked: Asked) -> Reply:
    """End a shelving before its time."""
    body: models.UnshelveBody = asked.read(models.UnshelveBody)
    by, episode_id = _by(asked, body.by), asked.parts["episode"]

    def work(connection: Connection, now_ms: int) -> tuple[Reply, Iterable[Any]]:
        results = asked.services.board.unshelve_in(
            connection, [plain(episode_id)], by=by, via="api", now_ms=now_ms
        )
        return _shelved(episode_id, results[0]), results

    return await once(asked, work)


def _shelved(episode_id: str, result: Any) -> Reply:
    if result.outcome == "unknown":
        raise _unknown(episode_id)
    if result.outcome == "closed":
        raise Refused("closed", "the alarm has cleared and is acknowledged; there is nothing left to shelve")
    if result.outcome == "not_allowed":
        raise Refused("not-allowed", "this alarm may not be shelved (shelvingAllowed = false)")
    until_ms = result.until_ms if result.outcome == "ok" else None
    return Reply(200, models.Shelved(episode=episode_id, outcome=result.outcome, until_ms=until_ms))


_ONE: Final = "/api/v1/alarms/{episode}"

OPERATIONS: Final = (
    Operation(
        "POST", "/api/v1/alarms", "raise", "reportAlarms",
        "Report one alarm or an array as active or clear; answered once all of it is on disk.",
        report,
        {202: (models.Accepted | list[models.Accepted], "Stored; an array is answered by an array.")},
        body=models.AlarmEventBody | list[models.AlarmEventBody],
    ),
    Operation(
        "GET", "/api/v1/alarms", "read", "listAlarms", "List episodes, newest first.",
        listing, {200: (models.AlarmPage, "One page.")},
        query=(
            QueryParameter("state", "Which episodes.", {"enum": list(LISTINGS), "default": "open"}),
            QueryParameter(
                "limit", "How many at most.",
                {"type": "integer", "minimum": 1, "maximum": _MOST_LISTED, "default": _USUALLY_LISTED},
            ),
            QueryParameter(
                "before", "The `next` of the page before.",
                {"type": "string", "pattern": r"^[0-9]{1,15}\.[0-9A-Za-z_-]{1,64}$"},
            ),
        ),
    ),
    Operation(
        "GET", _ONE, "read", "showAlarm", "Show one episode with its timeline.",
        show, {200: (models.AlarmDetail, "The episode.")},
    ),
    Operation(
        "POST", f"{_ONE}/acknowledge", "operate", "acknowledgeAlarm", "Acknowledge an episode.",
        acknowledge, {200: (models.Acknowledged, "Acknowledged now, or by somebody before.")},
        body=models.AcknowledgeBody, body_required=False,
    ),
    Operation(
        "POST", f"{_ONE}/shelve", "operate", "shelveAlarm", "Put an episode aside for some minutes.",
        shelve, {200: (models.Shelved, "Shelved.")}, body=models.ShelveBody, body_required=False,
    ),
    Operation(
        "POST", f"{_ONE}/unshelve", "operate", "unshelveAlarm", "End a shelving before its time.",
        unshelve, {200: (models.Shelved, "Not shelved any more.")},
        body=models.UnshelveBody, body_required=False,
    ),
)  # fmt: skip
