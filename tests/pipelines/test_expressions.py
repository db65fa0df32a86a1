"""Expressions in pipelines: what they can say, and that they can do nothing else."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.pipelines.expressions import (
    ExpressionFailed,
    ExpressionRefused,
    evaluate,
    parsed,
    problem,
)

NAMES = {
    "priority": "High",
    "value": 93.5,
    "hour": 3,
    "day": "sat",
    "data": {"x": 1},
    "path": "Plant/Pump",
    "n": None,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("priority >= High", True),
        ("priority < Critical and priority != 'Low'", True),
        ("Medium < priority <= High", True),
        ("hour < 6 or hour >= 18", True),
        ("day in ('sat', 'sun')", True),
        ("'Pump' in path", True),
        ("data['x'] + 1", 2),
        ("data['y'] is None", True),
        ("not (value > 90 and hour == 3)", False),
        ("abs(20 - value) > 2", True),
        ("max(1, 2, hour) * 2 - 1", 5),
        ("round(value / 10)", 9),
        ("'alarm ' + path", "alarm Plant/Pump"),
        ("-hour % 5", 2),
        ("n is None or n > 5", True),
    ],
)
def test_what_an_expression_can_say(text, value):
    """Priorities compare by how urgent they are; and, or and comparisons read as in Python."""
    assert problem(text, NAMES) == ""
    assert evaluate(text, NAMES) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("priority > Hihg", 'there is no name "Hihg"; did you mean "High"?'),
        ("path.upper()", "the functions are abs, max, min, round"),
        ("data.x", 'there are no attributes; write data["key"] for associated data'),
        ("2 ** 10", "there is no power; multiply instead"),
        ("__import__('os')", "the functions are abs, max, min, round"),
        ("[x for x in (1, 2)]", "ListComp is not part of expressions"),
        ("lambda: 1", "there are no functions to define"),
        ("1 if hour else 2", "there is no if; use an expression or a switch block"),
        ("hour = 3", '"hour = 3" cannot be read; compare with ==, not with ='),
        ("hour > 3 && day", "write and, or"),
        ("b'x' == 1", "only numbers, texts, True, False and None are values"),
        ("9" * 30, "is too large a number"),
        ("1 + " * 200 + "1", "is longer than 500 characters; split it over set-property blocks"),
        ("(" * 300, "cannot be read"),
        ("", "cannot be read"),
        (r"path == '\d'", "there is no backslash in expressions"),
    ],
)
def test_what_it_cannot(text, said):
    """Each refusal says what to write instead."""
    assert said in problem(text, NAMES)


@pytest.mark.parametrize(
    "text",
    ["n > 5", "value + 'x'", "1 / 0", "path * 3", "round(1, 0 - 999999999)", "999999999999999 * 999999999999999",
     "path['x']", "day[99]", "min(3)", "gone > 1", "abs('x')", "(1, 2) + (3,)", "data[data]"],
)  # fmt: skip
def test_what_comes_to_nothing_with_these_values_fails_with_a_sentence(text):
    """No other exception leaves an expression, and nothing grows without bound."""
    with pytest.raises(ExpressionFailed) as failed:
        evaluate(text, NAMES)
    assert str(failed.value)


WORDS = st.sampled_from(
    ["priority", "value", "data", "High", "n", "1", "0", "'x'", "(", ")", "[", "]", ",", "+", "-", "*", "/", "%", "**",
     "and", "or", "not", "in", "is", "<", "==", "abs", "round", "min", ".", "lambda", ":", "None", "99999"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=15).map(" ".join) | st.text(max_size=40))
def test_nothing_but_a_value_or_a_sentence_comes_of_any_text(text):
    """Whatever is written there, the gateway goes on."""
    try:
        evaluate(text, NAMES)
    except (ExpressionRefused, ExpressionFailed):
        return
    assert isinstance(parsed(text), ast.expr)
