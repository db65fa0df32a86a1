"""The scripting guide names everything a script can see, and nothing that is not there."""

import inspect
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tocsin.calls import manual_vocabulary, system_functions, system_results, vocabulary
from tocsin.sandbox import policy
from tocsin.sandbox.language import Language
from tocsin.sandbox.library import namespaces
from tocsin.sandbox.script import FailureKind, Script
from tocsin.scripts.section import ScriptsSection
from tocsin.telephony.egress import PLAIN_VERBS

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/scripting.md").read_text(encoding="utf-8")
CODE = set(re.findall(r"[A-Za-z_][\w.]*", " ".join(re.findall(r"`([^`\n]+)`", GUIDE))))
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
BY_HAND = "<!-- by hand: begin -->"
EXAMPLES = PYTHON.findall(GUIDE.partition(BY_HAND)[0])
WORDS = {part for name in CODE for part in (name, *name.split("."))}


def between(mark):
    return GUIDE.partition(f"<!-- {mark}: begin -->")[2].partition(f"<!-- {mark}: end -->")[0]


@pytest.mark.parametrize(
    "cls",
    [
        vocabulary.Call,
        vocabulary.Alarm,
        vocabulary.SpokenAlarm,
        vocabulary.SpokenCall,
        vocabulary.Person,
        vocabulary.Result,
        vocabulary.Standing,
        vocabulary.Lead,
        system_functions.Logger,
        system_results.TwilioUser,
    ],
    ids=lambda cls: cls.__name__,
)
def test_every_member_of_every_object_is_explained(cls):
    """Whatever a script may read or call on tocsin's objects stands in the guide by name."""
    missing = {name for name in vocabulary.ATTRIBUTES[cls] if not {name, f".{name}"} & WORDS}

    assert missing == set()


def test_every_global_of_our_own_is_explained():
    """Each name a script finds among its globals, builders apart, has its line."""
    own = {
        "alarms",
        "call",
        "callAction",
        "heard",
        "params",
        "phrase",
        "print",
        "response",
        "session",
        "system",
        "user",
    }

    assert own <= vocabulary.RESERVED
    assert own <= WORDS


def test_arguments_are_those_of_the_real_functions():
    """A signature that the guide prints in full is the real one."""
    printed = dict(re.findall(r"^\| `call\.(\w+)\(([^)`]*)\)` \|", GUIDE, re.MULTILINE))

    assert set(printed) == {
        "url",
        "identify",
        "acknowledge",
        "shelve",
        "passOn",
        "raiseAlarm",
        "giveUp",
        "standing",
        "lead",
    }
    for name, arguments in printed.items():
        names = [part.partition("=")[0].strip().lstrip("*") for part in arguments.split(",") if part.strip()]
        assert names == list(inspect.signature(getattr(vocabulary.Call, name)).parameters)[1:]


def test_every_module_and_every_function_in_it_is_listed():
    """The table of modules is complete; only `math`, whose functions are the usual ones, is summed up."""
    table = between("modules")
    offered = {name: module for name, module in namespaces(iter).items() if name != "urllib"}

    assert set(re.findall(r"^\| `([\w.]+)` \|", table, re.MULTILINE)) == set(offered)
    for name, module in offered.items():
        (line,) = re.findall(rf"^\| `{re.escape(name)}` \|(.+)$", table, re.MULTILINE)
        said = set(re.findall(r"\w+", line))
        hidden = {member for member in module.members if member[0].islower() or name != "re"}
        assert name == "math" or hidden - said == set(), name


def test_every_kind_of_failure_is_explained():
    """The kinds that a log line can carry are all in the table of the guide."""
    kinds = {*FailureKind.__args__, "twiml"}

    assert {kind for kind in kinds if f"`{kind}`" not in GUIDE} == set()


def test_the_limits_are_the_defaults():
    """Numbers in the table of limits are those of an empty `[scripts]`."""
    limits = ScriptsSection()

    assert f"{limits.cpu_ms} ms" in GUIDE
    assert f"{limits.memory_mb} MiB" in GUIDE
    assert f"| {limits.host_calls} |" in GUIDE
    assert f"{limits.log_kb} KiB" in GUIDE
    assert f"{limits.turns_per_call}, {limits.call_minutes}" in GUIDE
    assert f"{limits.turn_ms // 1000} s" in GUIDE


def test_every_verb_that_is_always_there_is_named():
    """A script's author learns which verbs need no permission."""
    assert PLAIN_VERBS <= WORDS


def test_every_message_in_the_guide_is_the_one_that_appears():
    """The lines in the table of messages really get these sentences."""
    rows = re.findall(r"^\| `(.+?)` \| ([A-Z`].+) \|$", between("messages"), re.MULTILINE)

    assert len(rows) >= 8
    for line, message in rows:
        compiled = policy.compile_script(Script("10_menu.py", line), frozenset())
        found = compiled if isinstance(compiled, list) else compiled.warnings
        assert [one.message for one in found][-1:] == [message]


def given(action, digits):
    call = {
        **dict.fromkeys(("sid", "project", "voice", "answeredBy"), ""),
        "id": "c4Jr0_x",
        "turn": 1,
        "base": "https://alarms.example.com",
        "direction": "inbound",
        "attempt": 1,
        "language": "en-US",
        "pin": "to-acknowledge",
        "digits": "ignition",
        "site": "Riverside",
    }
    params = {"Digits": digits, "From": "+46701234567"}
    return {
        "action": action,
        "params": params,
        "call": call,
        "alarms": [],
        "user": None,
        "session": {},
        "pins": [],
    }


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
@pytest.mark.parametrize("reason", ["ok", "pin_required", "already_acknowledged", "locked"])
@pytest.mark.parametrize(("action", "digits"), [("inbound", ""), ("menu", "8"), ("ack", "4711"), ("ack", "")])
def test_every_example_runs_under_the_script_language(number, reason, action, digits):
    """What a reader copies compiles without a warning, runs to its end and leaves TwiML or nothing."""
    language = Language(vocabulary)
    compiled = language.compile(Script("10_example.py", EXAMPLES[number]), frozenset())
    assert isinstance(compiled, policy.Compiled), compiled
    assert compiled.warnings == ()

    answer = {"reason": reason, "by": "Maria Lind"}
    turn = vocabulary.open_turn(
        given(action, digits), lambda _name, _args: answer, lambda _level, _text: None
    )
    scope = language.scope(turn.globals("10_example.py"), {}, lambda _level, _text: None)
    exec(compiled.code, scope.globals)
    turn.after(scope.globals)

    response = turn.finish()["response"]
    assert not response or ElementTree.fromstring(response).tag == "Response"


def test_the_example_run_by_hand_runs():
    """It compiles without a warning, and acknowledges what it finds."""
    language = Language(manual_vocabulary)
    (source,) = PYTHON.findall(GUIDE.partition(BY_HAND)[2])
    compiled = language.compile(Script("takeover.py", source), frozenset())
    assert isinstance(compiled, policy.Compiled), compiled
    assert compiled.warnings == ()

    asked = []

    def ask(name, args):
        asked.append((name, args))
        return [{"id": "e1", "path": "Plant/Intake/Screen", "priority": "Low"}] if "query" in name else None

    person = {"username": "maria", "id": 1, "name": "Maria Lind", "language": "", "roles": [], "areas": []}
    turn = manual_vocabulary.open_turn(
        {"now": 0, "params": {"shift": "day"}, "user": person}, ask, lambda _level, _text: None
    )
    scope = language.scope(turn.globals("takeover.py"), {}, lambda _level, _text: None)
    exec(compiled.code, scope.globals)
    assert asked[1:] == [("alarm.acknowledge", [["e1"], "taken over by the day crew", None])]


def test_every_function_that_writes_is_listed_with_its_arguments():
    """The table has what `system` has beyond call scripts, and `sendMessage`, with the real signatures."""
    system = manual_vocabulary.ManualSystem(lambda _name, _args: None, lambda _level, _text: None)
    printed = dict(re.findall(r"^\| `system\.([\w.]+)\(([^`]*)\)` \|", between("writing"), re.MULTILINE))
    added = {
        f"{space}.{name}"
        for space in ("alarm", "roster", "tag", "twilio", "user", "util")
        for name in dir(getattr(system, space))
        if not name.startswith("_")
    }
    reading = {
        f"{space}.{name}"
        for space in ("alarm", "roster", "tag", "twilio", "user", "util")
        for name in dir(getattr(system_functions.System(lambda *_: None, lambda *_: None), space))
    }

    assert set(printed) == (added - reading) | {"twilio.sendMessage"}
    for path, arguments in printed.items():
        space, name = path.split(".")
        function = getattr(getattr(system, space), name)
        real = [
            one.name if one.default is one.empty else f"{one.name}={one.default!r}"
            for one in inspect.signature(function).parameters.values()
        ]
        assert arguments == ", ".join(real)
