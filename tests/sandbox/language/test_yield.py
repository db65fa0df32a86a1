"""Generators: functions that yield are refused, generator expressions stay."""

YIELD = """\
def numbers():
    yield 1
"""
YIELD_FROM = """\
def numbers():
    yield from [1]
"""
HIDDEN_IN_A_LAMBDA = "f = lambda: (yield)\n"
FINALLY_LATER = """\
def late():
    try:
        yield 1
    finally:
        while True:
            pass
"""

NO_YIELD = "`yield` is not part of the script language; return a list, or use a generator expression."


def test_yield_is_refused(problems):
    """A suspended function would run its `finally` inside somebody else's call."""
    assert problems(YIELD) == [f"2: {NO_YIELD}"]
    assert problems(FINALLY_LATER) == [f"3: {NO_YIELD}"]


def test_yield_from_and_yield_in_a_lambda_are_refused(problems):
    """Every form of it."""
    assert problems(YIELD_FROM) == [f"2: {NO_YIELD}"]
    assert problems(HIDDEN_IN_A_LAMBDA) == [f"1: {NO_YIELD}"]


def test_a_generator_expression_works(value):
    """They hold no `finally` and feed sum, any, all, join and next."""
    assert value("sum(n * n for n in range(4))") == 14
    assert value("next((n for n in [1, 2, 3] if n > 1), None)") == 2
    assert value("next((n for n in [1] if n > 1), 'none')") == "none"


def test_a_generator_expression_cannot_be_steered_or_looked_into(error, problems):
    """gi_frame leads to the real globals of whoever runs the generator (CVE-2023-37271)."""
    assert problems("g = (n for n in [1])\nx = g.gi_frame\n") == [
        "2: `gi_frame` looks inside Python and is closed to scripts."
    ]
    assert (
        error("g = (n for n in [1])\nx = getattr(g, 'gi_' + 'frame')")
        == "AttributeError: a generator has no 'gi_frame' that scripts may use"
    )
    for name in ("send", "throw", "close"):
        assert error(f"(n for n in [1]).{name}") == (
            f"AttributeError: a generator has no {name!r} that scripts may use"
        )
