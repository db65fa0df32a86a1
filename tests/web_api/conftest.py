"""The API over a database of its own, with a clock the test moves."""

from datetime import UTC

import httpx2
import pytest
from starlette.applications import Starlette

from tocsin.alarms import Board
from tocsin.alarms.rules import Rules
from tocsin.alarms.sections import AlarmSection
from tocsin.calls import store
from tocsin.calls.ledger import Ledger
from tocsin.calls.manual_run import ManualRuns
from tocsin.calls.on_request import OnRequest
from tocsin.calls.services import Services
from tocsin.calls.statistics_tags import TwilioTags
from tocsin.engine.embedded import EmbeddedEngine
from tocsin.gateway.binding import lines_of, turn_limits
from tocsin.gateway.configuration import Configuration
from tocsin.people import Contact, Directory, Roster, Schedule, User
from tocsin.people.roster_desk import desk
from tocsin.pipelines import Routing, Runs
from tocsin.pipelines.simulating.lines import Lines
from tocsin.pipelines.simulating.what_if import WhatIf
from tocsin.scripts import Library
from tocsin.tags.tree import Tags
from tocsin.telephony.attempt import placed
from tocsin.telephony.profiles import Profiles
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


MARIA, JON = "+46701234567", "+46707654321"


@pytest.fixture
def directory():
    """Maria is always on call, Jon by day and only for pump 2; nobody is in the third roster."""
    maria = User("maria", 1, "Maria Lind", contacts=(Contact("phone", MARIA), Contact("sms", MARIA)))
    jon = User(
        "jon",
        2,
        "Jon Berg",
        areas=("Plant/Pump 2",),
        contacts=(Contact("sms", JON), Contact("email", "jon@example.com")),
    )
    guest = User("guest", 3, "Guest")
    days = Schedule("days", frozenset(range(5)), 6 * 60, 18 * 60)
    return Directory(
        [maria, jon, guest],
        [
            Roster("operations", (maria, jon)), Roster("maintenance", (jon,), days), Roster("office", (guest,)),
        ],
        timezone="Europe/Stockholm",
    )  # fmt: skip


PLANT = {
    "gateway": {"name": "Riverside", "timezone": "Europe/Stockholm"},
    "twilio_profiles": {
        "plant": {
            "account_sid": "AC" + "0" * 32, "auth_token": "a token", "phone_number": "+15005550006",
            "api_base": "emulator",
        }
    },
    "voice_profiles": {"phone": {"twilio_profile": "plant", "voices": {"en-US": "Polly.Joanna-Neural"}}},
    "message_profiles": {"text": {"twilio_profile": "plant"}},
}  # fmt: skip


class Twilio:
    """Takes texts and calls; a test may have it refuse, or not know."""

    def __init__(self):
        self.sent, self.called, self.next = [], [], []

    async def send(self, number, text, *, profile, message_id):
        self.sent.append((number, text))
        return self.next.pop(0) if self.next else placed(f"SM{len(self.sent):032}")

    async def place(self, number, *, profile, **request):
        self.called.append((number, request))
        return self.next.pop(0) if self.next else placed(f"CA{len(self.called):032}")


@pytest.fixture
def surroundings(db, clock, board, library, directory, twilio):
    """What calls reach, up to Twilio's door."""
    value = Configuration.model_validate(PLANT)
    profiles = Profiles.of(
        value.twilio_profiles, value.voice_profiles, value.message_profiles, listen="127.0.0.1:8088"
    )
    return Services(
        clock=clock, db=db, directory=directory, board=board, pins=None, sandbox=None, library=library,
        messenger=twilio, dialler=twilio, pass_on=None, lines=lines_of(value, profiles, directory),
        profiles=profiles, limits=turn_limits(value), site="Riverside", timezone=UTC,
    )  # fmt: skip


@pytest.fixture
def on_request(surroundings):
    """Texts and calls as the gateway makes them."""
    return OnRequest(lambda: surroundings, Ledger())


@pytest.fixture
def twilio():
    return Twilio()


@pytest.fixture
def routing(directory):
    """The built-in pipeline for everybody."""
    return Routing.of(
        pipelines={}, outcomes={}, directory=directory, timezone="Europe/Stockholm", voice=("phone",),
        messages=("text",),
    )  # fmt: skip


@pytest.fixture
def runs(db, clock, board, routing):
    """The built-in pipeline over this board; nothing is due until an engine runs."""
    found = Runs(db, clock, EmbeddedEngine(db, clock, owner="test"), routing=routing)
    board.also_in(found.changed_in)
    return found


@pytest.fixture
def services(db, clock, board, library, tmp_path, directory, surroundings, on_request, runs, routing, rules):
    """The API's surroundings: a board, tokens, one project, people, a Twilio that takes everything."""
    state = tmp_path / ".tocsin"
    state.mkdir()
    tokens = Tokens(db, clock, folder=state)
    tokens.start()
    tags = Tags(clock)
    tags.add(TwilioTags(db, clock, lambda: directory))

    async def trace(call_id):
        return await db.read(lambda connection: store.trace(connection, call_id))

    async def reload():
        return ()

    manual = ManualRuns(
        lambda: surroundings, on_request, folder=tmp_path, reload=reload, lockdown=lambda: "required"
    )
    (tmp_path / "tocsin.toml").write_text('[rosters.operations]\nusers = ["maria", "jon"]\n')
    rosters = desk(
        tmp_path, directory=lambda: directory, db=db, clock=clock, reload=reload, audit=lambda: None
    )
    return ApiServices(
        rosters=rosters, clock=clock, db=db, board=board, tokens=tokens, library=library,
        projects=lambda: ["."], knows=directory.users.__contains__, trace=trace,
        directory=lambda: directory, timezone=lambda: "Europe/Stockholm",
        messages=on_request, calls=on_request, tags=tags, runs=runs, manual=manual,
        what_if=lambda: WhatIf(routing, Lines(), Rules(rules, {"default", "night"})),
    )  # fmt: skip


@pytest.fixture
def app(services):
    return Starlette(routes=routes(services))


@pytest.fixture
def token(db, clock):
    """A token that is good for everything a plant's own programs do."""
    return db.write_now(
        lambda c: create_in(c, "hmi", ["read", "raise", "operate", "roster", "send"], now_ms=clock.now_ms())
    )


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
