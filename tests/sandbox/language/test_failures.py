"""What the author is told about an exception: the script's own line and one sentence."""

import pytest

from tocsin.sandbox import failures

NAME = "20_menu.py"


@pytest.fixture
def failure(run):
    """Run a source that must raise; give (place, sentence)."""

    def told(source, **words):
        with pytest.raises(Exception) as caught:
            run(source, **words)
        return failures.place(caught.value, {NAME}), failures.sentence(caught.value)

    return told


def test_the_innermost_line_of_the_script_is_named(failure):
    """Not the guard's line in which it was raised."""
    assert failure("def f():\n    return call.nope\nx = 1\nf()\n") == (
        (NAME, 2),
        "AttributeError: a Call has no 'nope' that scripts may use",
    )


def test_a_missing_builtin_comes_with_what_to_use_instead(failure):
    """As in the warning before the run."""
    assert (
        failure("x = open('a')\n")[1]
        == "NameError: there is no 'open' for scripts: scripts cannot reach files"
    )
    assert failure("x = undefined\n")[1] == "NameError: name 'undefined' is not defined"


def test_hostile_exceptions_give_a_short_clean_sentence(failure):
    """Huge, nested, unprintable or empty."""
    assert (
        len(failure("raise ValueError('x' * 1000000)")[1]) == len("ValueError: ...") + failures.SENTENCE_CHARS
    )
    assert failure("raise ValueError('\\ud800')")[1] == "ValueError: ?"
    assert failure("raise ValueError")[1] == "ValueError"
    assert " at 0x" not in failure("raise ValueError(call)")[1]
    deep = "x = []\nfor i in range(100000):\n    x = [x]\nraise ValueError(x)\n"
    assert failure(deep)[1] == "ValueError"


def test_limits_of_the_interpreter_are_said_plainly(failure):
    """Without advice on functions a script does not have."""
    assert failure("x = int('9' * 5000)")[1] == (
        "ValueError: a number of more than 4300 digits cannot be read from text or shown as text"
    )
    assert failure("raise MemoryError")[1] == "MemoryError: the script needs more memory than it may have"


class Pump:
    def start(self, speed, *, slowly=False):
        """Start it."""


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda pump: pump.start(), "start() missing 1 required positional argument: 'speed'"),
        (
            lambda pump: pump.start(1, 2),
            "start() takes up to 1 argument without a name, and 2 were given",
        ),
        (lambda pump: pump.start(1, fast=1), "start() got an unexpected keyword argument 'fast'"),
        (lambda pump: pump.start(1, self=2), "start() takes no argument 'self'"),
    ],
)
def test_a_wrong_call_is_told_as_it_was_written(wrong, told):
    """Python names the class of what a script is given, and counts the object itself; its author does neither."""
    with pytest.raises(TypeError) as caught:
        wrong(Pump())
    assert failures.sentence(caught.value) == f"TypeError: {told}"


def test_a_wrong_call_of_the_scripts_own_function_is_told_as_python_tells_it(failure):
    """There is nothing to hide, and every number is right."""
    assert failure("def f(a):\n    pass\nf(1, 2)\n")[1] == (
        "TypeError: f() takes 1 positional argument but 2 were given"
    )


def test_an_error_outside_every_script_has_no_place():
    """There is no line to show."""
    assert failures.place(ValueError("x"), {NAME}) is None
