"""Whatever comes in and whatever a script makes of it: no 5xx, nothing unchecked leaves, no call ends in a void."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import secrets
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree

import httpx2
import pytest
import structlog
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.plant import ACCOUNT, BASE, JON, MARIA, NUMBER, TOKEN, TOML, Caller, Line, open_line, write_project

from tocsin.gateway import logs
from tocsin.gateway.serving import application
from tocsin.telephony import signature
from tocsin.telephony.form import BadForm, parse

VOICE = "/main/system/twilio-voice"
MESSAGE = "/main/system/twilio-message"
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@pytest.fixture(scope="module", autouse=True)
def silence():
    """Thousands of refusals are no news."""
    logs.configure(plain=True, least=logging.CRITICAL)
    yield
    structlog.reset_defaults()


class Stage:
    """A gateway in an event loop of its own, so that plain tests can speak to it."""

    def __init__(self, folder, **options) -> None:
        self.runner = asyncio.Runner()
        self.stack = contextlib.AsyncExitStack()
        opened = self.stack.enter_async_context(open_line(folder, **options))
        self.line: Line = self.runner.run(opened)
        self.app = application(self.line.gateway)

    def run(self, coroutine):
        return self.runner.run(coroutine)

    def close(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()

    def send(self, method: str, target: bytes, body: bytes, headers: list[tuple[bytes, bytes]]) -> int:
        """Give the application a request as a server would, any bytes in it; return the status."""
        path, _, query = target.partition(b"?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path.decode("latin-1"),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in headers],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        sent: list[dict] = []

        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            sent.append(message)

        self.run(self.app(scope, receive, send))
        assert sent[0]["type"] == "http.response.start"
        return sent[0]["status"]


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """The plant with its default script alone."""
    found = Stage(write_project(tmp_path_factory.mktemp("any") / "plant"))
    yield found
    found.close()


def genuine(method: str, target: bytes, body: bytes) -> bytes:
    """Return the signature Twilio would make for these bytes, as far as they are a form."""
    try:
        fields = parse(body).fields if method == "POST" else []
    except BadForm:
        fields = []
    return signature.expected(BASE + target.decode("latin-1"), fields, TOKEN).encode()


names = st.sampled_from(
    ["CallSid", "ParentCallSid", "From", "To", "Digits", "SpeechResult", "CallStatus", "AnsweredBy",
     "SequenceNumber", "CallDuration", "Duration", "Direction", "MessageSid", "Body", "MessageStatus", "turn",
     "wait", "step", "response", "__class__", "", "call", "é"]
)  # fmt: skip
values = st.text(max_size=40) | st.sampled_from(["4711", "completed", "-1", "9" * 30, "machine_start", "\0"])
forms = st.lists(st.tuples(names, values), max_size=8).map(
    lambda fields: urlencode([*fields, ("AccountSid", ACCOUNT)], errors="replace").encode()
)
bodies = forms | st.binary(max_size=200) | forms.flatmap(lambda form: st.binary(max_size=5).map(form.__add__))
actions = (
    st.sampled_from(["answer", "pin", "menu", "ack", "status", "amd", "fallback", "inbound", "a%2Fb", "%00"])
    | st.text(max_size=12).map(lambda text: quote(text, safe="", errors="replace"))
    | st.binary(max_size=8).map(lambda raw: quote(raw, safe=""))
)
refs = st.just("0") | actions
paths = st.builds(
    "{}/{}/{}{}".format, st.sampled_from([VOICE, MESSAGE]), actions, refs, st.sampled_from(["", "/"])
)
any_path = paths | st.builds("{}/{}".format, st.sampled_from([VOICE, MESSAGE]), actions)
queries = (
    st.just("")
    | forms.map(lambda form: "?" + form.decode())
    | st.text("abc=&%2?+#", max_size=20).map("?{}".format)
)
headers = st.lists(
    st.tuples(
        st.sampled_from(
            [b"content-type", b"i-twilio-idempotency-token", b"x-twilio-signature", b"cookie", b"host"]
        ),
        st.binary(max_size=60)
        | st.sampled_from([b"application/json", b"text/plain", b"multipart/form-data"]),
    ),
    max_size=4,
)


@QUICK
@given(
    method=st.sampled_from(["POST", "POST", "POST", "GET", "PUT", "DELETE"]),
    path=any_path,
    query=queries,
    body=bodies,
    more=headers,
    signs=st.booleans() | st.just(True),
)
def test_any_request_under_the_two_paths_is_answered(stage, method, path, query, body, more, signs):
    """Bytes that no Twilio would send, with and without its signature, are never a 5xx."""
    target = (path + query).encode("latin-1", "replace")
    signed = [(b"x-twilio-signature", genuine(method, target, body))] if signs else []

    status = stage.send(method, target, body, [*more, *signed])

    assert status < 500
    if not signs and not any(name == b"x-twilio-signature" for name, _ in more) and status in (200, 204):
        pytest.fail("answered without a signature")


@QUICK
@given(path=paths, body=forms, token=st.sampled_from([b"", b"same", b"\xff\xfe"]))
def test_any_signed_form_is_answered_with_twiml_or_nothing(stage, path, body, token):
    """What Twilio signed is a webhook, whatever stands in it: TwiML, 204, or 400 where it can be read in two ways."""
    target = path.encode("latin-1", "replace")
    extra = [(b"i-twilio-idempotency-token", token)] if token else []

    status = stage.send(
        "POST", target, body, [(b"x-twilio-signature", genuine("POST", target, body)), *extra]
    )

    assert status in (200, 204, 400, 404)


# ------------------------------------------------------------------ any TwiML

DECODING = """
text = ""
for place in range(0, len(params.get("T", "")), 6):
    text += chr(int(params["T"][place : place + 6], 16))
response = text
"""
FORBIDDEN = {"client", "conference", "sip", "queue", "connect", "stream", "start", "pay", "refer"}
LEADING = ("action", "url", "statusCallback", "recordingStatusCallback", "partialResultCallback", "waitUrl",
           "transcribeCallback", "method")  # fmt: skip


@pytest.fixture(scope="module")
def free(tmp_path_factory):
    """A plant whose script answers whatever text the parameter T holds, spelled in hexadecimal."""
    found = Stage(write_project(tmp_path_factory.mktemp("twiml") / "plant", {"10.py": DECODING}))
    yield found
    found.close()


hosts = st.sampled_from(
    ["/next", "next?a=1", "?x", "#", BASE + "/main/system/twilio-voice/menu/0", "https://evil.example.com/x",
     "//evil.example.com", "http://alarms.example.com@evil.example.com/", "HTTPS://EVIL.EXAMPLE.COM", "javascript:1",
     "https://alarms.example.com.evil.example.com/", "\\\\evil.example.com", "ftp://x", " https://evil.example.com"]
)  # fmt: skip
numbers = st.sampled_from(
    [MARIA, JON, NUMBER, "+15550001111", "911", "", "sip:x@evil.example.com", f" {MARIA} "]
)
attributes = st.dictionaries(
    st.sampled_from(
        [*LEADING, "numDigits", "timeout", "voice", "loop", "bogus", "xmlns", "input", "callerId"]
    ),
    hosts | numbers | st.text(max_size=10),
    max_size=3,
)
verbs = st.sampled_from(
    ["Say", "Play", "Pause", "Gather", "Record", "Dial", "Number", "Redirect", "Hangup", "Reject", "Sms", "Enqueue",
     "Leave", "Client", "Conference", "Sip", "Queue", "Connect", "Stream", "Start", "Pay", "Refer", "say", "Bogus"]
)  # fmt: skip


def element(children):
    def build(tag: str, attrs: dict[str, str], inside: list) -> str:
        node = ElementTree.Element(tag)
        for name, value in attrs.items():
            node.set(name, "".join(letter for letter in value if letter.isprintable()))
        body = "".join(
            one if one.startswith("<") else one.replace("&", "").replace("<", "") for one in inside
        )
        empty = ElementTree.tostring(node, encoding="unicode", short_empty_elements=False)
        return empty.replace("></", f">{body}</", 1)

    texts = hosts | numbers | st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=10)
    return st.builds(build, verbs, attributes, st.lists(children | texts, max_size=3))


trees = st.recursive(st.just("<Hangup/>"), element, max_leaves=6)
documents = st.lists(trees, max_size=4).map(lambda parts: f"<Response>{''.join(parts)}</Response>")
torn = st.builds(lambda text, at: text[: at % (len(text) + 1)], documents, st.integers(0, 400))
wild = st.sampled_from(
    ['<!DOCTYPE x [<!ENTITY a "b">]><Response>&a;</Response>', '<?xml version="1.0" encoding="UTF-16"?><Response/>',
     '<?xml-stylesheet href="https://evil.example.com"?><Response/>', "<Response/><Response/>", "<response/>",
     '<Response xmlns:x="y"><x:Say>a</x:Say></Response>', '<Response xmlns="y"><Dial>911</Dial></Response>',
     '<Response xmlns:x="y"><x:dial>911</x:dial></Response>', "<Response><DIAL>911</DIAL></Response>", "<Response><Say>&#0;</Say></Response>", "\ufeff<Response/>",
     "<Response><![CDATA[<Dial>911</Dial>]]></Response>", "<Response>" + "<Gather>" * 300, "  ", "\x0b",
     "<Response><!-- <Dial>911</Dial> --></Response>", "<Response>" + "x" * 70_000 + "</Response>"]
)  # fmt: skip
texts = documents | torn | wild | st.text(max_size=60)


@QUICK
@given(text=texts)
def test_any_text_a_script_answers_is_checked_before_it_leaves(free, text):
    """Either it is TwiML that keeps to Twilio's rules and the plant's policy, or the default answers instead."""
    assume(len(text) < 2000 or "Gather" in text)
    spelled = "".join(f"{ord(letter):06x}" for letter in text)

    async def answer() -> httpx2.Response:
        caller = free.line.call_from(MARIA)
        return await free.line.post(f"{VOICE}/answer/0", caller.fields(T=spelled))

    got = free.run(answer())

    assert got.status_code == 200
    assert "<!" not in got.text.partition("<Response")[0]
    root = ElementTree.fromstring(got.content)
    assert root.tag == "Response"
    if "alarm system of Riverside" not in got.text:
        for node in root.iter():
            assert_stays_here(node, got.text)


def assert_stays_here(node: ElementTree.Element, text: str) -> None:
    """Say where an element would send the call or its data, read as leniently as anybody might read it."""
    tag, said = node.tag.rpartition("}")[2].lower(), (node.text or "").strip()
    assert tag not in FORBIDDEN, text
    targets = [node.get(name) for name in LEADING if name != "method" and node.get(name)]
    if tag in ("redirect", "play") and said:
        targets.append(said)
    for target in targets:
        parts = urlsplit(target.strip().replace("\\", "/"))
        assert parts.netloc in ("", urlsplit(BASE).netloc), text
        assert parts.scheme in ("", "http", "https"), text
    if tag in ("number", "dial"):
        assert said in (MARIA, JON, ""), text


# ------------------------------------------------------------------ any course of a call

PERSON = """
[users.{name}]
id = {id}
pin = "4711"
areas = ["{name}"]
contacts = [{{ type = "phone", value = "{number}" }}]
"""
PEOPLE = {f"person{n}": f"+46701000{n:03}" for n in range(200)}
everybody = itertools.cycle(PEOPLE.items())
ENDS = ("Gather", "Redirect", "Hangup", "Dial", "Record")
_stages: list[Stage] = []


@pytest.fixture(scope="module", autouse=True)
def crowd(tmp_path_factory):
    """A plant with many people, so that no story meets the PIN lock of another one."""
    folder = write_project(tmp_path_factory.mktemp("crowd") / "plant")
    people = [PERSON.format(name=name, id=10 + n, number=PEOPLE[name]) for n, name in enumerate(PEOPLE)]
    (folder / "tocsin.toml").write_text(TOML + "".join(people))
    _stages.append(Stage(folder))
    yield
    _stages.pop().close()


class AnyCall(RuleBasedStateMachine):
    """One call in which anything happens, in any order."""

    def teardown(self):
        """Leave nothing open and nobody locked, so that every story begins alike."""
        if not getattr(self, "stage", None):
            return
        from tocsin.alarms import AlarmEvent

        services = self.stage.line.gateway.services
        self.stage.run(services.board.acknowledge(self.raised, by="jon", via="console"))
        cleared = [
            AlarmEvent(path=f"{self.name}/{self.story}/{at}", state="clear") for at in range(len(self.raised))
        ]
        self.stage.run(services.board.report(cleared))
        self.stage.run(services.pins.reset(services.directory.users[self.name], by="jon"))

    @initialize(alarms=st.integers(0, 3))
    def begin(self, alarms):
        self.stage = _stages[0]
        self.name, number = next(everybody)
        self.caller = Caller(self.stage.line, number, f"CA{secrets.token_hex(16)}")
        self.story = secrets.token_hex(4)
        self.raised: list[str] = []
        self.mine: set[str] = set()
        self.over = False
        self.last: tuple[str, dict[str, str], str] | None = None
        for _ in range(alarms):
            self.another_alarm()
        self.post(f"{VOICE}/inbound/0")

    def post(self, path: str, token: str | None = None, **more: str) -> None:
        token = token or secrets.token_hex(8)
        answer = self.stage.run(self.stage.line.post(path, self.caller.fields(**more), token=token))
        assert answer.status_code == 200, answer.text
        repeated = self.last is not None and self.last[2] == token
        self.last = (path, more, token)
        before, self.caller.twiml = self.caller.twiml, answer.text
        root = ElementTree.fromstring(answer.text)
        assert len(root), answer.text
        assert root[-1].tag in ENDS, f"the call ends in a void: {answer.text}"
        if self.over:
            assert root[-1].tag == "Hangup"
        if repeated and not self.over:
            assert answer.text == before
        if self.caller.hears.startswith("Acknowledged.") and not repeated:
            self.claimed()

    def claimed(self) -> None:
        """What was called acknowledged is on disk, by this person, and not what was so before."""
        mine = {
            episode
            for episode in self.raised
            if self.stage.run(self.stage.line.gateway.services.board.find(episode)).acked_by == self.name
        }
        assert mine - self.mine, f"nothing was acknowledged: {self.caller.twiml}"
        self.mine = mine

    @rule()
    def another_alarm(self):
        path = f"{self.name}/{self.story}/{len(self.raised)}"
        self.raised.append(self.stage.run(self.stage.line.raise_alarm(path)))

    @precondition(lambda self: self.raised)
    @rule(at=st.integers(0, 9))
    def an_alarm_clears(self, at):
        from tocsin.alarms import AlarmEvent

        path = f"{self.name}/{self.story}/{at % len(self.raised)}"
        self.stage.run(self.stage.line.gateway.services.board.report([AlarmEvent(path=path, state="clear")]))

    @precondition(lambda self: self.raised)
    @rule(at=st.integers(0, 9))
    def a_colleague_is_faster(self, at):
        board = self.stage.line.gateway.services.board
        self.stage.run(board.acknowledge([self.raised[at % len(self.raised)]], by="jon", via="voice"))

    def redirect(self) -> str | None:
        found = ElementTree.fromstring(self.caller.twiml).find("Redirect")
        return None if found is None else found.text

    def gather(self) -> ElementTree.Element | None:
        return ElementTree.fromstring(self.caller.twiml).find("Gather")

    @precondition(lambda self: self.redirect())
    @rule()
    def stay_silent(self):
        self.post(self.redirect())

    @precondition(lambda self: self.gather() is not None)
    @rule(keys=st.sampled_from(["1", "1", "1", "2", "3", "4", "5", "7", "9", "*", "0", "42", "abc", ""]))
    def press(self, keys):
        self.post(self.gather().get("action"), Digits=keys)

    @precondition(lambda self: self.gather() is not None)
    @rule(pin=st.sampled_from(["4711", "4711", "4711", "9163", "0001", "1*4711", "47110000", "12"]))
    def enter(self, pin):
        self.post(self.gather().get("action"), Digits=pin)

    @precondition(lambda self: self.gather() is not None)
    @rule(said=st.text(max_size=20))
    def speak(self, said):
        self.post(self.gather().get("action"), SpeechResult=said)

    @precondition(lambda self: self.last)
    @rule()
    def twilio_delivers_again(self):
        path, more, token = self.last
        self.post(path, token, **more)

    @rule(
        action=st.sampled_from(
            ["answer", "pin", "menu", "ack", "pass", "shelve", "note", "transfer", "bogus"]
        )
        | st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=8),
        ref=st.sampled_from(["0", "no-such-call"]),
        digits=st.sampled_from(["", "1", "4711"]),
    )
    def jump_somewhere(self, action, ref, digits):
        assume(action not in ("status", "amd", ".", "..") and "/" not in action)
        self.post(f"{VOICE}/{quote(action, safe='')}/{ref}", Digits=digits)

    @rule(sequence=st.integers(0, 4), status=st.sampled_from(["in-progress", "ringing", "initiated"]))
    def an_early_status_comes_late(self, sequence, status):
        self.event("status", CallStatus=status, SequenceNumber=str(sequence))

    @rule(who=st.sampled_from(["human", "unknown", "machine_start", "fax", ""]))
    def machine_detection(self, who):
        self.event("amd", AnsweredBy=who)

    @rule()
    def hang_up(self):
        self.event("status", CallStatus="completed", SequenceNumber="9", CallDuration="61", Duration="2")
        self.over = True

    def event(self, action: str, **more: str) -> None:
        answer = self.stage.run(self.stage.line.post(f"{VOICE}/{action}/0", self.caller.fields(**more)))
        assert answer.status_code == 204

    @invariant()
    def nobody_else_is_named(self):
        """What this call acknowledged, it acknowledged in this person's name."""
        if getattr(self, "stage", None):
            board = self.stage.line.gateway.services.board
            found = [self.stage.run(board.find(one)) for one in self.raised]
            assert {one.acked_by for one in found} <= {None, self.name, "jon"}


AnyCall.TestCase.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
TestAnyCall = AnyCall.TestCase
