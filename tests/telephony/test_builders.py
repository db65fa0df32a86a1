"""Builders write what twilio's own classes write, to the byte."""

import importlib.util
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.telephony import builders
from tocsin.telephony.builders import ATTRIBUTES, NAMES, GenericNode, TwiMLException, VoiceResponse
from tocsin.telephony.table.elements import ELEMENTS

voice = pytest.importorskip("twilio.twiml.voice_response")
messaging = pytest.importorskip("twilio.twiml.messaging_response")

AWKWARD = "Pump 2 > 90 % & \"high\" <level> 'now'\r\n\tå 漢 😀"


def real(name):
    """Give twilio's class of that name."""
    return getattr(voice, name, None) or getattr(messaging, name)


@pytest.mark.parametrize("name", ELEMENTS)
def test_every_element_and_attribute_is_written_alike(name):
    """Positional text, every parameter by keyword, markup and line ends in values, and nothing at all."""
    _, text, required, parameters, _ = ELEMENTS[name]
    ours, theirs = NAMES[name], real(name)
    others = {parameter: f"{AWKWARD}{n}" for n, parameter in enumerate(parameters) if parameter != text}
    positional = (AWKWARD,) if text else ()
    assert str(ours(*positional, **others)) == str(theirs(*positional, **others))
    if text:
        assert ours(**{text: "x"}).to_xml(False) == theirs(**{text: "x"}).to_xml(False)
    if not required:
        assert str(ours()) == str(theirs())
    for value in (True, False, 0, 7, 1.5, "", None):
        assert str(ours(*positional, loop=value, status_callback_event=value)) == str(
            theirs(*positional, loop=value, status_callback_event=value)
        )


@pytest.mark.parametrize("name", ELEMENTS)
def test_methods_have_twilios_names_and_signatures(name):
    """Same methods, same parameters in the same order; each puts the same child in place."""
    ours, theirs = NAMES[name], real(name)
    methods = {method for method in vars(theirs) if not method.startswith("_")}
    assert ATTRIBUTES[ours] == methods | {"append", "nest", "add_child", "to_xml"}
    for method in methods:
        count = len(inspect.signature(getattr(theirs, method)).parameters) - 2
        texts = ("x",) if ELEMENTS[name][2] else ()
        a, b = ours(*texts), theirs(*texts)
        values = [f"v{n}" for n in range(count)]
        assert str(getattr(a, method)(*values)) == str(getattr(b, method)(*values))
        assert str(a) == str(b)


def test_a_menu_reads_as_in_twilios_documentation():
    """The usual shape: a Gather with speech in it, then what follows without a key."""
    response = VoiceResponse()
    with response.gather(
        num_digits=1, action="../pin/7", action_on_empty_result=True, input="dtmf speech"
    ) as gather:
        gather.say("Pump 2 high level.", language="en-US").break_(time="300ms")
        gather.pause(1)
    response.append(NAMES["Redirect"]("../answer/7", method="POST"))
    assert str(response) == (
        '<?xml version="1.0" encoding="UTF-8"?><Response><Gather action="../pin/7" actionOnEmptyResult="true" '
        'input="dtmf speech" numDigits="1"><Say language="en-US">Pump 2 high level.<break time="300ms" /></Say>'
        '<Pause length="1" /></Gather><Redirect method="POST">../answer/7</Redirect></Response>'
    )


texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("<>&\"'\r\n\t]"),
    max_size=8,
)  # what XML cannot hold is left out by ours and written by twilio's
names = st.sampled_from(
    ["voice", "from_", "for_", "xml_lang", "interpret_as", "status_callback_event", "loop", "x", "a_1b"]
)
values = texts | st.booleans() | st.integers(-3, 10**6) | st.none() | st.floats(allow_nan=False)
attributes = st.dictionaries(names, values, max_size=4)
nested = st.recursive(
    texts,
    lambda inner: st.tuples(
        st.sampled_from(["Say", "Gather", "Dial", "generic"]), texts, attributes, st.lists(inner, max_size=4)
    ),
    max_leaves=12,
)


def grow(node, tree, by_name):
    """Build one tree of strings and elements under a node, with either library."""
    if isinstance(tree, str):
        return node.append(tree)
    name, text, attrs, inner = tree
    if name == "generic":
        child = node.add_child("some-thing", text, **attrs)
    else:
        positional = () if name == "Gather" else (text,)
        child = node.nest(by_name(name)(*positional, **attrs))
    for each in inner:
        grow(child, each, by_name)
    return node


@given(st.lists(nested, max_size=4), attributes)
def test_any_tree_is_written_alike(trees, attrs):
    """Text between children, text twice in a row, markup, line ends, lone surrogates, all value types."""
    ours, theirs = VoiceResponse(**attrs), voice.VoiceResponse(**attrs)
    for tree in trees:
        grow(ours, tree, NAMES.__getitem__)
        grow(theirs, tree, real)
    assert str(ours) == str(theirs)


def test_a_task_is_written_as_json():
    """Enqueue with a workflow takes a mapping."""
    ours, theirs = NAMES["Enqueue"](None, workflow_sid="WW1"), voice.Enqueue(None, workflow_sid="WW1")
    for each in (ours, theirs):
        each.task({"selected": "å", "n": 1}, priority=5)
    assert str(ours) == str(theirs)


def test_numbers_and_lists_are_taken_kindly():
    """Twilio's own would stop at the number and write Python brackets for the list."""
    assert NAMES["Say"](3).to_xml(False) == "<Say>3</Say>"
    assert NAMES["Say"](0).to_xml(False) == "<Say>0</Say>"
    gather = NAMES["Gather"](input=["dtmf", "speech"], hints=("yes", "no"))
    assert gather.to_xml(False) == '<Gather hints="yes no" input="dtmf speech" />'


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (
            lambda: VoiceResponse().append(7),
            TwiMLException,
            "only TwiML and strings can be nested, not a int",
        ),
        (lambda: VoiceResponse().add_child("a b"), TwiMLException, "no name that an element"),
        (
            lambda: VoiceResponse().add_child(lambda: 0),
            TwiMLException,
            "a value of type function is no name that an element",
        ),
        (lambda: VoiceResponse(**{'x="1"><Dial': 1}), TwiMLException, "no name that an attribute"),
        (lambda: VoiceResponse(**{"_x ": 1}), TwiMLException, "'x ' is no name that an attribute"),
        (lambda: str(NAMES["Say"](["a"])), TwiMLException, "a string or a number, not a list"),
        (NAMES["Redirect"], TypeError, "Redirect needs url"),
        (lambda: NAMES["Say"]("a", "alice"), TypeError, "one argument without a keyword, message"),
        (lambda: NAMES["Say"]("a", message="b"), TypeError, "got message twice"),
        (lambda: NAMES["Gather"]("dtmf"), TypeError, "only keyword arguments"),
        (lambda: VoiceResponse().redirect(), TypeError, "redirect needs url"),
        (lambda: VoiceResponse().pause(1, 2), TypeError, "pause takes at most 1 arguments: length"),
        (lambda: VoiceResponse().say("a", message="b"), TypeError, "say got message twice"),
    ],
)
def test_a_wrong_call_is_told_in_a_sentence(make, error, says):
    """The author reads what the builder takes."""
    with pytest.raises(error) as told:
        make()
    assert says in str(told.value)


def test_an_element_inside_itself_is_told():
    """Neither endless depth nor endless breadth is written."""
    response = VoiceResponse()
    response.append(response)
    with pytest.raises(TwiMLException, match="nested in itself"):
        str(response)
    wide = VoiceResponse()
    for _ in range(40):
        outer = NAMES["Gather"]()
        outer.append(wide).append(wide)
        wide = outer
    with pytest.raises(TwiMLException, match="too large"):
        str(wide)


def test_a_script_reaches_methods_only():
    """Nothing listed begins with an underscore, and every class that a script can hold is listed."""
    assert set(ATTRIBUTES) == {*NAMES.values(), GenericNode}
    assert not [name for names in ATTRIBUTES.values() for name in names if name.startswith("_")]
    with pytest.raises(AttributeError, match="no builder 'Nothing'"):
        builders.Nothing  # noqa: B018  the access is the test
    assert repr(VoiceResponse()) == "<TwiML Response>"


def test_a_worker_imports_nothing_but_the_standard_library():
    """Neither twilio, nor pydantic, nor an XML library comes along."""
    program = (
        "import sys; before = set(sys.modules); import tocsin.telephony.builders; "
        "print(*sorted(name for name in set(sys.modules) - before))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(Path(builders.__file__).parents[2])},
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert {name for name in loaded if name.startswith("tocsin")} == {
        "tocsin", "tocsin.telephony", "tocsin.telephony.builders",
        "tocsin.telephony.table", "tocsin.telephony.table.elements",
    }  # fmt: skip
    assert not {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names - {"tocsin"}
    assert not [name for name in loaded if name.startswith(("xml", "pyexpat"))]


def test_the_table_is_what_the_installed_library_gives():
    """After an upgrade of twilio, tools/twiml_table.py has to be run again."""
    path = Path(__file__).parents[2] / "tools" / "twiml_table.py"
    spec = importlib.util.spec_from_file_location("twiml_table", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    written = Path(inspect.getfile(sys.modules["tocsin.telephony.table.elements"])).read_text("utf-8")
    assert tool.rows() == ELEMENTS
    assert tool.elements_module().partition("ELEMENTS")[2] == written.partition("ELEMENTS")[2]


def test_the_table_agrees_with_another_reading():
    """Tags, attributes and children as somebody else read them in twilio-python 9.13 and twilio-node 6.2."""
    table = json.loads((Path(__file__).parents[1] / "data/twiml_table.json").read_text("utf-8"))
    known = {**table["messaging"], **table["voice"]}
    by_tag = {}
    for tag, text, _, parameters, children in ELEMENTS.values():
        kept = {builders._attribute_name(parameter) for parameter in parameters if parameter != text}
        attrs, kids = by_tag.setdefault(tag, (set(), set()))
        attrs |= kept
        kids |= {ELEMENTS[child][0] for _, child in children}
    assert set(by_tag) == set(known)
    for tag, (attrs, kids) in by_tag.items():
        stated = set(known[tag]["attrs"]) | set(table["messaging"].get(tag, {"attrs": []})["attrs"])
        assert attrs <= stated, tag
        if tag != "Response":
            assert kids == set(known[tag]["kids"]), tag
