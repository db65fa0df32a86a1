"""Attribute access: what is in the table for the exact type of an object, and nothing else."""

import datetime

import pytest


def test_methods_of_plain_values_work(value):
    """The everyday ones."""
    assert value("' Maria '.strip().upper()") == "MARIA"
    assert value("{'a': 1}.get('b', 2)") == 2
    assert value("[3, 1, 2].index(1)") == 1
    assert value("params.get('From')") == "+46701234567"
    assert value("call.url('menu')") == "/twilio-voice/menu"


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("().nope", "a tuple"),
        ("'x'.encode", "a text"),
        ("(5).real", "a whole number"),
        ("[].nope", "a list"),
        ("{}.nope", "a dict"),
        ("None.nope", "None"),
        ("len.nope", "a function"),
        ("(lambda: 1).nope", "a function"),
        ("'x'.join.func", "a function"),
        ("ValueError.mro", "an exception class"),
        ("call.secret", "a Call"),
        ("call.url.nope", "a function"),
    ],
)
def test_everything_else_is_refused(error, expression, kind):
    """The message names what the object is and what it lacks."""
    name = expression.rpartition(".")[2]
    assert error(f"x = {expression}") == f"AttributeError: {kind} has no {name!r} that scripts may use"


def test_private_and_inside_names_are_refused_before_the_script_runs(problems):
    """In plain code and inside f-strings, however deep."""
    private = "Attributes that start with _ (`__class__`) are Python's own and closed to scripts."
    assert problems("x = params.__class__\n") == [f"1: {private}"]
    assert problems('x = f"{params.__class__}"\n') == [f"1: {private}"]
    assert problems('x = f"{1:{(1).__class__}}"\n') == [f"1: {private}"]
    assert problems("x = e.tb_frame\n") == ["1: `tb_frame` looks inside Python and is closed to scripts."]


@pytest.mark.parametrize("name", ['"__cl" + "ass__"', '"\\x5f\\x5fclass\\x5f\\x5f"', '"__globals__"'])
def test_a_name_made_at_run_time_gains_nothing(error, value, name):
    """getattr asks the same table; its default takes the place of the refusal."""
    assert error(f"x = getattr((), {name})").startswith("AttributeError: a tuple has no '__")
    assert value(f"getattr(len, {name}, None)") is None
    assert value(f"hasattr((), {name})") is False
    assert value("hasattr('', 'upper')") is True
    assert error("getattr((), 1)") == "TypeError: the name of an attribute is a text"


def test_attributes_are_never_writable(error, problems):
    """Neither those of modules nor of values; the remedy is a dictionary."""
    assert error("import math\nmath.ceil = None\n") == (
        "TypeError: attributes cannot be assigned ('ceil'); keep values in a dictionary"
    )
    assert error("session.values = {}\n").startswith("TypeError: attributes cannot be assigned ('values')")
    assert error("del session.values\n") == "TypeError: attributes cannot be deleted ('values')"
    assert error("for call.language in 'ab': pass\n").startswith("TypeError: attributes cannot be assigned")
    assert problems("call.count += 1\n") == ["1: Attributes cannot be changed; keep values in a dictionary."]


def test_moments_have_their_parts(value):
    """A datetime the vocabulary hands out can be read and written as text."""
    at = datetime.datetime(2026, 11, 22, 3, 4, 5, tzinfo=datetime.UTC)
    assert value("[at.hour, at.isoformat(), at.strftime('%H.%M'), at.date().day]", at=at) == [
        3,
        "2026-11-22T03:04:05+00:00",
        "03.04",
        22,
    ]


def test_members_of_types_can_be_used_as_functions(value, error):
    """`key=str.lower` and `map(str.strip, ...)` are common; a method wants its own type."""
    assert value("sorted(['b', 'A'], key=str.lower)") == ["A", "b"]
    assert value("list(map(str.strip, [' a', 'b ']))") == ["a", "b"]
    assert value("dict.fromkeys('ab', 0)") == {"a": 0, "b": 0}
    assert value("'abc'.translate(str.maketrans('a', 'x'))") == "xbc"
    assert error("str.join(1, [])") == "TypeError: str.join needs a str as its first argument"


def test_an_unbound_method_does_not_change_an_object_of_a_derived_type(error, run):
    """A vocabulary's read-only dictionary stays read-only, also for dict's own methods."""
    assert error("dict.pop(params, 'From')") == "TypeError: dict.pop needs a dict as its first argument"
    assert (
        error("dict.update(params, {'From': 'x'})")
        == "TypeError: dict.update needs a dict as its first argument"
    )
    left = run("p = params\np |= {'From': 'x'}\n")
    assert left["params"] == {"From": "+46701234567"}
