"""Suppressing alarms by design and taking them out of service over the API."""

import pytest

LEVEL = "Plant/Pump 2/High level"


async def raised(api, path=LEVEL):
    answer = await api.post("/api/v1/alarms", json={"path": path, "state": "active"})
    return answer.json()["episode"]


async def listed(api, state):
    return [one["id"] for one in (await api.get(f"/api/v1/alarms?state={state}")).json()["alarms"]]


async def test_maintenance_with_an_end(api, board, clock):
    """Out of service until a time, with who and why; returned before it, the alarm is told again."""
    episode = await raised(api)
    until_ms = clock.now_ms() + 7_200_000
    body = {"reason": "new probe", "until_ms": until_ms, "by": "maria"}

    taken = await api.post(f"/api/v1/alarms/{episode}/out-of-service", json=body)

    assert taken.json() == {"episode": episode, "outcome": "ok", "until_ms": until_ms}
    shown = (await api.get(f"/api/v1/alarms/{episode}")).json()
    assert (shown["out_of_service_by"], shown["out_of_service_reason"]) == ("maria", "new probe")
    assert shown["out_of_service_until_ms"] == until_ms
    assert await listed(api, "out-of-service") == [episode]
    assert board.open() == ()

    back = await api.post(f"/api/v1/alarms/{episode}/return-to-service", json={"by": "jon"})
    assert back.json() == {"episode": episode, "outcome": "ok", "until_ms": None}
    assert [one.id for one in board.open()] == [episode]
    told = (await api.get(f"/api/v1/alarms/{episode}")).json()["timeline"]
    told = [one for one in told if one["kind"].startswith("alarm.")]
    assert [(one["kind"], one["person"]) for one in told] == [
        ("alarm.active", None), ("alarm.out-of-service", "maria"), ("alarm.returned-to-service", "jon"),
    ]  # fmt: skip
    assert "new probe" in told[1]["text"]
    assert "Maria Lind" in told[1]["text"]


async def test_suppression_names_its_logic(api, board):
    """It holds for later activations, and is not the same as shelving or maintenance."""
    episode = await raised(api)
    body = {"reason": "the pump is stopped", "rule": "Plant/Pump 2/Stopped"}
    assert (await api.post(f"/api/v1/alarms/{episode}/suppress", json=body)).json()["outcome"] == "ok"
    await api.post(f"/api/v1/alarms/{episode}/acknowledge")
    await api.post("/api/v1/alarms", json={"path": LEVEL, "state": "clear"})

    again = await raised(api)

    assert again != episode
    assert set(await listed(api, "suppressed")) == {episode, again}
    assert await listed(api, "shelved") == await listed(api, "out-of-service") == []
    assert board.open() == ()
    ended = await api.post(f"/api/v1/alarms/{again}/unsuppress")
    assert ended.json() == {"episode": again, "outcome": "ok", "until_ms": None}
    assert [one.id for one in board.open()] == [again]
    twice = await api.post(f"/api/v1/alarms/{again}/unsuppress")
    assert twice.json()["outcome"] == "not_suppressed"


@pytest.mark.parametrize(
    ("operation", "body", "status", "words"),
    [
        ("suppress", {}, 422, "reason"),
        ("suppress", {"reason": "  "}, 422, "reason"),
        ("out-of-service", {"reason": "\x00 \x7f"}, 422, "reason"),
        ("out-of-service", {"reason": "probe", "until_ms": 1}, 422, "lies in the past"),
        ("suppress", {"reason": "stopped", "by": "nobody"}, 404, "there is no user 'nobody'"),
    ],
)
async def test_what_cannot_be_done_is_said(api, board, operation, body, status, words):
    """One sentence with the remedy, and nothing has changed."""
    episode = await raised(api)

    answer = await api.post(f"/api/v1/alarms/{episode}/{operation}", json=body)

    assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text
    assert [one.id for one in board.open()] == [episode]


@pytest.mark.parametrize("operation", ["suppress", "unsuppress", "out-of-service", "return-to-service"])
async def test_an_unknown_episode_is_not_found(api, operation):
    """Each of the four says where the known ones are listed."""
    answer = await api.post(f"/api/v1/alarms/no-such/{operation}", json={"reason": "probe"})
    assert answer.status_code == 404
    assert "list them with GET /api/v1/alarms" in answer.json()["detail"]
