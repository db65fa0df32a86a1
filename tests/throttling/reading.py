"""What the REST interface tells of an alarm, for stories that ask why nobody is called."""

from __future__ import annotations

from typing import Any

import httpx2

from tocsin.gateway.serving import application


def ask(plant: Any, path: str) -> Any:
    """Ask the running gateway, as the command line does."""
    gateway = plant.running.gateway

    async def get() -> Any:
        token = (gateway.state / "cli-token").read_text().strip()
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=application(gateway)),
            base_url="http://plant",
            headers={"Authorization": f"Bearer {token}"},
        ) as client:
            answer = await client.get(path)
            assert answer.status_code == 200, answer.text
            return answer.json() if "json" in answer.headers["content-type"] else answer.text

    return plant.do(get())


def held_runs(plant: Any, alarm: Any) -> list[dict[str, Any]]:
    """Give what throttles hold back of an alarm."""
    runs = ask(plant, f"/api/v1/runs?episode={alarm.episode.id}")["runs"]
    return [held for run in runs for held in run["held"]]


def timeline(plant: Any, alarm: Any) -> list[dict[str, Any]]:
    """Give the story of an alarm."""
    return ask(plant, f"/api/v1/alarms/{alarm.episode.id}")["timeline"]
