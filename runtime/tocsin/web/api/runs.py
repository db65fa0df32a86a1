"""The operations on runs of pipelines: why is this waiting, and a cancel that works at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tocsin.alarms import plain
from tocsin.alarms.store import by_ids
from tocsin.web.api import models
from tocsin.web.api.once import once_beyond
from tocsin.web.api.operations import Asked, Operation, QueryParameter, Reply, choice_of, limit_of
from tocsin.web.api.problems import Refused
from tocsin.web.api.services import needed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.alarms import Episode

_STATES: Final = ("running", "ended", "all")
_MOST: Final = 1000
_USUALLY: Final = 200


async def listing(asked: Asked) -> Reply:
    """List runs with what each waits for."""
    state, limit = asked.choice("state", _STATES), asked.limit(_USUALLY, _MOST)
    episode = plain(asked.query.get("episode", "")) or None
    found = await needed(asked.services.runs, "pipelines").listing(state, episode_id=episode, limit=limit)
    ids = {run["episode_id"] for run in found}
    episodes = await asked.services.db.read(lambda connection: by_ids(connection, ids))
    return Reply(200, models.Runs(runs=[_run(run, episodes) for run in found]))


def _run(run: Mapping[str, Any], episodes: Mapping[str, Episode]) -> models.RunShown:
    episode = episodes.get(run["episode_id"])
    facts = {name: run[name] for name in models.RunShown.__struct_fields__ if name in run}
    return models.RunShown(
        **facts, episode=run["episode_id"], path=episode.path if episode is not None else ""
    )


async def cancel(asked: Asked) -> Reply:
    """End a run now: what it has queued is not told any more."""
    body: models.CancelBody = asked.read(models.CancelBody)
    by, run_id = asked.by(body.by), asked.parts["run"]
    runs = needed(asked.services.runs, "pipelines")

    async def act() -> Reply:
        outcome = await runs.cancel(plain(run_id), by=by)
        if outcome == "unknown":
            raise Refused(
                "not-found", f"there is no run {plain(run_id)[:80]!r}; list them with GET /api/v1/runs"
            )
        if outcome == "ended":
            raise Refused("ended", "the run was over already; nobody is told by it any more")
        return Reply(200, models.Cancelled(run=run_id, state="ended"))

    return await once_beyond(asked, act)


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
                    "id": "r0Qv3_k1", "episode": "1jv2m4g1h-0a2b3c4d5e6f", "path": "Plant/Pump 2/High level",
                    "pipeline": "default", "hook": "active", "state": "running", "block": "first",
                    "why": "waits 5 min for an acknowledgement, then tells Jon Berg",
                    "since_ms": 1774744200000, "due_ms": 1774744500000, "started_ms": 1774744200000,
                    "ended_ms": None,
                }
            ]
        },
    ),
    Operation(
        "POST", "/api/v1/runs/{run}/cancel", "operate", "cancelRun",
        "End a run now: nobody more is told by it. The alarm stays as it is.",
        cancel, {200: (models.Cancelled, "It has ended.")}, body=models.CancelBody, body_required=False,
        asks={"by": "maria"}, gives={"run": "r0Qv3_k1", "state": "ended"},
    ),
)  # fmt: skip
