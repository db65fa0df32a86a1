"""The operations on runs of pipelines: why is this waiting, and a cancel that works at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from tocsin.alarms import plain
from tocsin.alarms.store import by_ids
from tocsin.pipelines.tables import runs as table
from tocsin.web.api import history, models
from tocsin.web.api.once import once_beyond
from tocsin.web.api.operations import Asked, Operation, QueryParameter, Reply, choice_of, limit_of
from tocsin.web.api.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from tocsin.alarms import Episode

_STATES: Final = ("running", "ended", "all")
_MOST: Final = 1000
_USUALLY: Final = 200


async def listing(asked: Asked) -> Reply:
    """List runs with what each waits for."""
    state, limit = asked.choice("state", _STATES), asked.limit(_USUALLY, _MOST)
    episode = plain(asked.query.get("episode", "")) or None

    def look(connection: Connection) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, Episode]]:
        found = history.runs_listed(connection, state=state, episode_id=episode, limit=limit)
        return found, by_ids(connection, {run["episode_id"] for run in found})

    found, episodes = await asked.services.db.read(look)
    return Reply(200, models.Runs(runs=[_run(run, episodes) for run in found]))


def _run(run: Mapping[str, Any], episodes: Mapping[str, Episode]) -> models.RunShown:
    episode = episodes.get(run["episode_id"])
    facts = {name: run[name] for name in models.RunShown.__struct_fields__ if name in run}
    facts["held"] = [
        models.HeldShown(
            person=one.person,
            channel=one.channel,
            since_ms=one.held_ms,
            until_ms=one.held_until_ms,
            why=one.held_why,
        )
        for one in run["held"]
    ]
    return models.RunShown(
        **facts, episode=run["episode_id"], path=episode.path if episode is not None else ""
    )


async def cancel(asked: Asked) -> Reply:
    """End a run now: what it has queued is not told any more."""
    body: models.CancelBody = asked.read(models.CancelBody)
    by, run_id = asked.by(body.by), plain(asked.parts["run"])
    runs = asked.services.runs

    async def act() -> Reply:
        if await runs.cancel(run_id, by):
            return Reply(200, models.Cancelled(run=run_id, state="ended"))
        if await asked.services.db.read(lambda connection: _exists(connection, run_id)):
            raise Refused("ended", "the run was over already; nobody is told by it any more")
        raise Refused("not-found", f"there is no run {run_id[:80]!r}; list them with GET /api/v1/runs")

    return await once_beyond(asked, act)


def _exists(connection: Connection, run_id: str) -> bool:
    query = select(table.c.id).where(table.c.id == run_id)
    return connection.execute(query).first() is not None


OPERATIONS: Final = (
    Operation(
        "GET", "/api/v1/runs", "read", "listRuns", "Show what pipelines are doing: why is this waiting.",
        listing, {200: (models.Runs, "Runs, the newest first.")},
        query=(
            choice_of("state", "Which runs.", _STATES),
            QueryParameter("episode", "Those of one episode alone.", {"type": "string"}),
            limit_of(_USUALLY, _MOST),
        ),
        gives={
            "runs": [
                {
                    "id": "1jv2m4g1h-0a2b3c4d5e6f.active", "episode": "1jv2m4g1h-0a2b3c4d5e6f",
                    "path": "Plant/Pump 2/High level",
                    "pipeline": "default", "hook": "active", "state": "running", "block": "first",
                    "why": "waits 5 min for an acknowledgement, then tells Jon Berg",
                    "since_ms": 1774744200000, "due_ms": 1774744500000, "started_ms": 1774744200000,
                    "ended_ms": None,
                    "held": [
                        {
                            "person": "maria", "channel": "voice", "since_ms": 1774744210000,
                            "until_ms": 1774744260000,
                            "why": "told a moment ago of something as urgent; 1 min of quiet follow",
                        }
                    ],
                }
            ]
        },
    ),
    Operation(
        "POST", "/api/v1/runs/{run}/cancel", "operate", "cancelRun",
        "End a run now: nobody more is told by it. The alarm stays as it is.",
        cancel, {200: (models.Cancelled, "It has ended.")}, body=models.CancelBody, body_required=False,
        asks={"by": "maria"}, gives={"run": "1jv2m4g1h-0a2b3c4d5e6f.active", "state": "ended"},
    ),
)  # fmt: skip
