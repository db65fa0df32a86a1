"""The operations on alarms: report, list, show, acknowledge, shelve, unshelve; others are in `aside`."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import msgspec

from tocsin.alarms import LISTINGS, AlarmEvent, Episode, plain
from tocsin.alarms.naming import is_plain
from tocsin.db import NotStored
from tocsin.telephony.numbers import masked
from tocsin.web.api import history, models, timeline
from tocsin.web.api.once import once
from tocsin.web.api.operations import BEFORE, Asked, Operation, Reply, choice_of, limit_of
from tocsin.web.api.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

MOST_LISTED: Final = 1000
USUALLY_LISTED: Final = 200
_NAMES: Final = ("path", "name", "pipeline", "label")
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
    for key in _NAMES:
        text = getattr(body, key)
        cleaned[key] = (plain(text) or None) if text is not None else None
    path = cleaned.pop("path")
    if path is None or not path.strip(" /"):
        raise Refused("invalid", "an alarm needs a path such as Plant/Pump 2/High level")
    warnings = [
        f"control characters were taken out of {key}"
        for key in (*_NAMES, "value")
        if isinstance(text := getattr(body, key), str) and plain(text) != text.strip()
    ]
    event = AlarmEvent(
        path=path,
        state=body.state,
        priority=body.priority,
        value=body.value if not isinstance(body.value, str) or is_plain(body.value) else plain(body.value),
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
    state: Any = asked.choice("state", LISTINGS)
    limit, before = asked.limit(USUALLY_LISTED, MOST_LISTED), asked.before()
    found = await asked.services.board.listing(state, limit=limit + 1, before=before)
    page = found[:limit]
    more = f"{page[-1].active_ms}.{page[-1].id}" if len(found) > limit else None
    return Reply(200, models.AlarmPage(alarms=[_alarm(episode) for episode in page], next=more))


async def show(asked: Asked) -> Reply:
    """Show one episode with its timeline and its notices."""
    episode = await _found(asked)
    with suppress(NotStored):  # what is still on its way to the disk belongs to the story
        await asked.services.db.flush()
    found = await asked.services.db.read(lambda connection: history.of_episode(connection, episode.id))
    zone = ZoneInfo(asked.services.timezone())
    return Reply(
        200,
        models.AlarmDetail(
            **msgspec.structs.asdict(_alarm(episode)),
            not_acked=_not_acked(episode, found.notices),
            timeline=timeline.story(
                found,
                name=asked.services.name_of,
                moment=lambda at_ms: datetime.fromtimestamp(at_ms / 1000, zone).strftime("%H:%M"),
            ),
            notices=[_notice(notice) for notice in found.notices],
        ),
    )


def _not_acked(episode: Episode, notices: Sequence[Mapping[str, Any]]) -> list[str]:
    """Give who was asked to acknowledge and has not, where several have to."""
    if episode.acked or episode.ackers_needed < 2:
        return []
    people = dict.fromkeys(one["person"] for one in notices if one["run_id"] is not None)
    return [person for person in people if person not in episode.ackers]


def _notice(row: Mapping[str, Any]) -> models.Notice:
    facts = {name: row[name] for name in models.Notice.__struct_fields__}
    return models.Notice(**{**facts, "number": masked(row["number"])})


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


async def acknowledge(asked: Asked) -> Reply:
    """Acknowledge an episode; who comes second learns who was first."""
    body: models.AcknowledgeBody = asked.read(models.AcknowledgeBody)
    by, note, episode_id = asked.by(body.by), plain(body.note), asked.parts["episode"]

    def work(connection: Connection, now_ms: int) -> tuple[Reply, Iterable[Any]]:
        (result,) = results = asked.services.board.acknowledge_in(
            connection, [plain(episode_id)], by=by, via="api", note=note, now_ms=now_ms
        )
        if result.outcome == "unknown":
            raise _unknown(episode_id)
        if result.outcome == "note_required":
            raise Refused("note-required", 'this alarm is acknowledged with a note only; send {"note": "…"}')
        # "changed" is for whoever says how they saw the alarm, which nobody does here.
        outcome: Any = result.outcome
        answer = models.Acknowledged(episode=episode_id, outcome=outcome, by=result.by, at_ms=result.at_ms)
        return Reply(200, answer), results

    return await once(asked, work)


async def shelve(asked: Asked) -> Reply:
    """Put an episode aside for some minutes."""
    body: models.ShelveBody = asked.read(models.ShelveBody)
    by, episode_id = asked.by(body.by), asked.parts["episode"]

    def work(connection: Connection, now_ms: int) -> tuple[Reply, Iterable[Any]]:
        results = asked.services.board.shelve_in(
            connection, [plain(episode_id)], by=by, via="api", minutes=body.minutes, now_ms=now_ms
        )
        return _shelved(episode_id, results[0]), results

    return await once(asked, work)


async def unshelve(asked: Asked) -> Reply:
    """End a shelving before its time."""
    body: models.UnshelveBody = asked.read(models.UnshelveBody)
    by, episode_id = asked.by(body.by), asked.parts["episode"]

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
_EPISODE: Final = "1jv2m4g1h-0a2b3c4d5e6f"
_SHOWN: Final = {
    "id": _EPISODE, "path": "Plant/Pump 2/High level", "name": "High level", "display_path": "",
    "priority": "High", "state": "active", "acked": False, "label": "Pump 2 high level", "notes": "",
    "value": 93.4, "data": {"unit": "percent"}, "pipeline": "default", "source": "api:hmi",
    "active_ms": 1774744200000, "cleared_ms": None, "acked_ms": None, "acked_by": None, "acked_via": None,
    "ackers": [], "ackers_needed": 1,
    "note": "", "shelved_until_ms": None, "shelved_by": None, "suppressed_ms": None, "suppressed_by": None,
    "suppressed_rule": "", "suppressed_reason": "", "out_of_service_ms": None, "out_of_service_by": None,
    "out_of_service_reason": "", "out_of_service_until_ms": None, "ack_version": 1, "version": 1,
}  # fmt: skip

OPERATIONS: Final = (
    Operation(
        "POST", "/api/v1/alarms", "raise", "reportAlarms",
        "Report one alarm or an array as active or clear; answered once all of it is on disk.",
        report,
        {202: (models.Accepted | list[models.Accepted], "Stored; an array is answered by an array.")},
        body=models.AlarmEventBody | list[models.AlarmEventBody],
        asks={"path": "Plant/Pump 2/High level", "state": "active", "value": 93.4},
        gives={"id": "1jv2m4g1h-000000000001", "episode": _EPISODE, "state": "active", "warnings": []},
    ),
    Operation(
        "GET", "/api/v1/alarms", "read", "listAlarms", "List episodes, newest first.",
        listing, {200: (models.AlarmPage, "One page.")},
        query=(
            choice_of("state", "Which episodes.", LISTINGS), limit_of(USUALLY_LISTED, MOST_LISTED), BEFORE,
        ),
        gives={"alarms": [_SHOWN], "next": None},
    ),
    Operation(
        "GET", _ONE, "read", "showAlarm", "Show one episode with everything that happened, in plain words.",
        show, {200: (models.AlarmDetail, "The episode.")},
        gives={
            **_SHOWN,
            "not_acked": [],
            "timeline": [
                {
                    "at_ms": 1774744200000, "kind": "alarm.active", "person": None, "call": None,
                    "text": "The alarm went active, value 93.4", "data": {"value": 93.4},
                },
                {
                    "at_ms": 1774744200300, "kind": "notice.placed", "person": "maria", "call": "c4Jr0_xQ",
                    "text": "Calling Maria Lind on +4670…67", "data": {"channel": "voice", "attempt": 1},
                },
            ],
            "notices": [
                {
                    "person": "maria", "attempt": 1, "channel": "voice", "profile": "phone",
                    "number": "+4670…67", "state": "placed", "call_id": "c4Jr0_xQ", "message_id": None,
                    "run_id": "r0Qv3_k1", "created_ms": 1774744200000, "due_ms": 1774744200000,
                    "placed_ms": 1774744200300, "heard_ms": None, "ended_ms": None, "outcome": None,
                    "why": "",
                }
            ],
        },
    ),
    Operation(
        "POST", f"{_ONE}/acknowledge", "operate", "acknowledgeAlarm", "Acknowledge an episode.",
        acknowledge, {200: (models.Acknowledged, "Acknowledged now, or by somebody before.")},
        body=models.AcknowledgeBody, body_required=False, asks={"by": "maria", "note": "on my way"},
        gives={"episode": _EPISODE, "outcome": "ok", "by": "maria", "at_ms": 1774744260000},
    ),
    Operation(
        "POST", f"{_ONE}/shelve", "operate", "shelveAlarm", "Put an episode aside for some minutes.",
        shelve, {200: (models.Shelved, "Shelved.")}, body=models.ShelveBody, body_required=False,
        asks={"minutes": 15, "by": "maria"},
        gives={"episode": _EPISODE, "outcome": "ok", "until_ms": 1774745160000},
    ),
    Operation(
        "POST", f"{_ONE}/unshelve", "operate", "unshelveAlarm", "End a shelving before its time.",
        unshelve, {200: (models.Shelved, "Not shelved any more.")},
        body=models.UnshelveBody, body_required=False, asks={"by": "maria"},
        gives={"episode": _EPISODE, "outcome": "ok", "until_ms": None},
    ),
)  # fmt: skip
