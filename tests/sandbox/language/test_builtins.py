"""The builtin functions and types: Python's own behaviour on plain values, nothing else accepted."""

import pytest

from tocsin.sandbox import allowed


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("[abs(-1), len('ab'), ord('a'), chr(98), hex(255), bin(2), oct(8), divmod(7, 2)]", None),
        ("[int('7'), int('ff', 16), int(2.9), float('1.5'), bool([]), str(), str(None)]", None),
        (
            "[list('ab'), tuple([1]), sorted({3, 1}), dict([('a', 1)], b=2), len(set('aab')), list(frozenset([1]))]",
            None,
        ),
        (
            "[list(range(3)), list(range(5, 1, -2)), [i for i in reversed('ab')], list(reversed((1, 2)))]",
            None,
        ),
        ("[min(3, 1), max([1, 2]), min([], default=0), max('a', 'bb', key=len), sum([1, 2], 3)]", None),
        ("[any([0, 1]), all([]), list(zip('ab', [1, 2])), list(enumerate('a', start=1))]", None),
        (
            "[list(map(lambda a, b: a + b, [1], [2])), list(filter(None, [0, 1])), round(2.567, 2), round(2.5)]",
            None,
        ),
        ("[callable(len), callable(1), repr('a'), ascii('a'), format(3, '02d'), pow(2, 3)]", None),
    ],
)
def test_builtins_do_what_pythons_own_do(value, expression, result):
    """Compared with Python itself, on the same expression."""
    assert result is None
    assert value(expression) == eval(expression)


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("isinstance('a', str)", True),
        ("isinstance(1, (str, (int, float)))", True),
        ("isinstance(True, int)", True),
        ("isinstance([], dict)", False),
        ("isinstance(ValueError('x'), Exception)", True),
    ],
)
def test_isinstance_tests_for_the_types_of_the_language(value, expression, answer):
    """Including tuples of them and exceptions."""
    assert value(expression) is answer


def test_isinstance_takes_nothing_else(error):
    """A function, a number or a module is no type."""
    for kind in ("1", "len", "lambda: 1", "'str'", "[str]"):
        assert error(f"isinstance(1, {kind})") == (
            "TypeError: isinstance tests for a type such as str or int, or for several in parentheses"
        )


@pytest.mark.parametrize("name", sorted(allowed.INSTEAD))
def test_a_builtin_that_is_not_there_is_a_name_error_foretold(compiled, error, name, problems):
    """The warning says what to use instead; only a direct call of eval or exec is refused outright."""
    sentence = f"`{name}` is not available: {allowed.INSTEAD[name]}."
    if name == "breakpoint":
        assert problems(f"x = {name}\n") == [f"1: {sentence}"]
        return
    assert error(f"x = {name}\n") == f"NameError: name {name!r} is not defined"
    (warning,) = compiled(f"x = {name}\n").warnings
    assert warning.message == sentence


@pytest.mark.parametrize("name", ["eval", "exec"])
def test_a_call_of_eval_or_exec_is_refused(problems, name):
    """There is no use in waiting for the error."""
    assert problems(f"{name}('1 + 1')\n") == [f"1: `{name}` is not available: {allowed.INSTEAD[name]}."]


def test_a_name_the_script_defines_is_its_own(compiled, run):
    """A variable called `id` or `type` is common and harmless."""
    source = (
        "id = 1\ndef f(type):\n    return type\nfor object in [2]:\n    pass\nresult = [id, f(3), object]\n"
    )
    assert compiled(source).warnings == ()
    assert run(source)["result"] == [1, 3, 2]


def test_rebinding_a_builtin_lasts_as_long_as_the_script(run, value):
    """The next script has fresh globals."""
    assert run("len = lambda x: 4\nresult = len('')\n")["result"] == 4
    assert value("len('')") == 0


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("list(call)", "TypeError: a Call has no items to go through"),
        ("sorted(len)", "TypeError: a function has no items to go through"),
        ("sum(call)", "TypeError: a Call has no items to go through"),
        ("zip([1], call)", "TypeError: a Call has no items to go through"),
        ("dict(call)", "TypeError: a Call has no items to go through"),
        ("max(call)", "TypeError: a Call has no items to go through"),
        ("','.join(call)", "TypeError: a Call has no items to go through"),
        ("[].extend(call)", "TypeError: a Call has no items to go through"),
        ("{}.update(call)", "TypeError: a Call has no items to go through"),
        ("{1}.union([2], call)", "TypeError: a Call has no items to go through"),
        ("','.join([1])", "TypeError: sequence item 0: expected str instance, int found"),
        (
            "next([1])",
            "TypeError: next takes a generator expression, or what map, filter, zip or enumerate gave",
        ),
        ("int('9' * 30000)", "ValueError: a number is read from a text of up to 20000 characters"),
        ("float('9' * 30000)", "ValueError: a number is read from a text of up to 20000 characters"),
        ("int('f' * 19999, 16)", "OverflowError: the result would be a number of more than 65536 bits"),
        ("'a'.translate('b')", "TypeError: translate takes a dict, as str.maketrans makes it"),
    ],
)
def test_arguments_are_checked(error, source, message):
    """C functions iterate over their arguments by themselves; so they are asked about first."""
    assert error(source) == message


def test_mutable_results_belong_to_the_script(value):
    """Copies where Python copies."""
    assert value("(lambda a: [a.append(2), list(a), a.copy()])([1])") == [None, [1, 2], [1, 2]]
    assert value("[{1, 2}.difference([1]), {1}.issubset((1, 2))]") == [{2}, True]
