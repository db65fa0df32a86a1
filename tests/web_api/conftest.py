"""The API over a database of its own, with a clock the test moves."""

import httpx2
import pytest
from starlette.applications import Starlette

from tocsin.alarms import Board
from tocsin.alarms.sections import AlarmSection
from tocsin.scripts import Library
from tocsin.web.api import ApiServices, routes
from tocsin.web.tokens import Tokens, create_in


@pytest.fixture
def rules():
    """The rules of a small plant, written as in alarms.toml."""
    written = {
        "Plant/Pump 2/High level": {
            "priority": "Critical", "label": "Pump 2 high level", "pipeline": "night",
            "displayPath": "Riverside / Pump 2", "notes": "Start the spare pump.", "data": {"area": "north"},
        },
        "Plant/Door": {"ackMode": "Auto", "priority": "Low", "shelvingAllowed": False},
        "Plant/Test": {"ackMode": "Unused", "priority": "Diagnostic"},
        "Plant/Chlorine": {"ackNotesReqd": True, "priority": "High"},
    }  # fmt: skip
    return {path: AlarmSection.model_validate(section) for path, section in written.items()}


class AnyScript:
    """A sandbox in which every program can run; what runs is no matter here."""

    async def publish(self, domain, program):
        return []

    def retire(self, domain, key):
        pass


@pytest.fixture
def board(db, clock, rules):
    return Board(db, clock, rules, pipelines={"default", "night"})


@pytest.fixture
def library(db, clock, tmp_path):
    default = tmp_path / "acknowledge.py"
    default.write_text("response = '<Response/>'\n")
    return Library(sandbox=AnyScript(), db=db, clock=clock, default=default)


@pytest.fixture
def services(db, clock, board, library, tmp_path):
    """The API's surroundings: a board, tokens, one project, users maria and jon, one call."""
    state = tmp_path / ".tocsin"
    state.mkdir()
    tokens = Tokens(db, clock, folder=state)
    tokens.start()

    async def trace(call_id):
        return {"call": {"id": call_id}, "turns": []} if call_id == "call-1" else None

    return ApiServices(
        clock=clock, db=db, board=board, tokens=tokens, library=library,
        projects=lambda: ["."], knows={"maria", "jon"}.__contains__, trace=trace,
    )  # fmt: skip


@pytest.fixture
def app(services):
    return Starlette(routes=routes(services))


@pytest.fixture
def token(db, clock):
    """A token that is good for everything a plant's own programs do."""
    return db.write_now(lambda c: create_in(c, "hmi", ["read", "raise", "operate"], now_ms=clock.now_ms()))


@pytest.fixture
async def api(app, services, token):
    """A client that bears the token."""
    await services.board.start()
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app),
        base_url="http://plant",
        headers={"authorization": f"Bearer {token}"},
    ) as client:
        yield client
    await services.tokens.aclose()
