"""`match`: refused, because its captures bind names that a check of variables does not see."""

import pytest

CAPTURE_A_GUARD = """\
match [1]:
    case [_getattr_]:
        response = "x"
"""
CAPTURE_REST = """\
match {"a": 1}:
    case {**_getattr_}:
        response = "x"
"""
PLAIN = """\
match Digits:
    case "1":
        response = "x"
"""


@pytest.mark.parametrize("source", [PLAIN, CAPTURE_A_GUARD, CAPTURE_REST])
def test_match_is_refused(problems, source):
    """One sentence for the statement, none for what stands inside it."""
    assert problems(source) == ["1: `match` is not part of the script language; use if and elif."]


def test_a_variable_may_still_be_called_match(value):
    """`match` is a word of the language only at the start of such a statement."""
    assert value("(lambda match: match + 1)(1)") == 2
