"""Operators whose result can be huge: whole numbers up to 65 536 bits, texts up to 1 MiB, lists to 100 000."""

import pytest

BITS = "OverflowError: the result would be a number of more than 65536 bits"
CHARS = "ValueError: the result would be a text of more than 1048576 characters"
ITEMS = "ValueError: the result would have more than 100000 items"


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("6 * 7 + 2 ** 10 - (1 << 4) % 5", 1065),
        ("'ab' * 3 + 2 * 'c'", "abababcc"),
        ("[0] * 3 + 1 * [1]", [0, 0, 0, 1]),
        ("2 ** -1 + 2.0 ** 3 * 1.5", 12.5),
        ("7 // 2 + 7 % 4 - 9 / 3 + (6 & 3) + (4 | 1) + (5 ^ 1) + (8 >> 2) + ~1", 14.0),
        ("'x' * -1 + 'y' * True", "y"),
        ("{1, 2} - {2} | {3}", {1, 3}),
        ("pow(3, 4, 5) + pow(2, 3)", 9),
        ("(-2) ** 65535 < 0", True),
    ],
)
def test_operators_do_what_they_do(value, expression, result):
    """Within the limits nothing is different."""
    assert value(expression) == result


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 9 ** 9 ** 9", BITS),
        ("x = (-2) ** 65536", BITS),
        ("x = pow(9, 9 ** 9)", BITS),
        ("x = 3\nfor i in range(60):\n    x = x * x", BITS),
        ("x = 3\nfor i in range(60):\n    x *= x", BITS),
        ("x = 1\nx <<= 10 ** 10", BITS),
        ("x = 1 << 10 ** 10", BITS),
        ("x = 3\nx **= 10 ** 10", BITS),
        ("x = {'n': 1}\nx['n'] <<= 10 ** 10", BITS),
        ("x = 'x' * 10 ** 9", CHARS),
        ("x = 10 ** 9 * 'x'", CHARS),
        ("x = 'x'\nx *= 10 ** 9", CHARS),
        ("x = [0] * 10 ** 9", ITEMS),
        ("x = (0,) * 10 ** 9", ITEMS),
        ("x = [0]\nx *= 10 ** 9", ITEMS),
        ("x = list(range(10 ** 9))", ITEMS),
        ("x = range(10 ** 40)", ITEMS),
        ("x = sum(range(10 ** 12))", ITEMS),
        ("x = pow(3, 1 << 4000, 7)", "OverflowError: pow with a modulus takes numbers of up to 2048 bits"),
        ("x = round(5, -10 ** 9)", "ValueError: round takes from -400 to 400 digits"),
        ("x = 1 << -1", "ValueError: negative shift count"),
        ("x = [1] * 'a'", "TypeError: can't multiply sequence by non-int of type 'str'"),
    ],
)
def test_what_would_grow_too_large_raises_first(error, source, message):
    """Before the memory is asked for, in every spelling."""
    assert error(source) == message


@pytest.mark.parametrize(
    "expression",
    [
        "'1'.zfill(10 ** 9)",
        "'1'.ljust(10 ** 9)",
        "'1'.rjust(10 ** 9, 'x')",
        "'1'.center(10 ** 9)",
        "('x' * 1000000).replace('x', 'yy')",
        "'ab'.replace('', 'x' * 1000000)",
        "('\\t' * 1000).expandtabs(10 ** 6)",
        "('x' * 1000000).translate({120: 'yy'})",
        "('x' * 1000).join(['y'] * 2000)",
        "str.zfill('1', 10 ** 9)",
        "'{}'.format('x' * 1000000) + '{0}{0}'.format('x' * 1000000)",
        "'%s%s' % ('x' * 1000000, 'x' * 1000000)",
    ],
)
def test_methods_that_multiply_text_are_limited_alike(error, expression):
    """They are a `*` by another name."""
    assert error(f"x = {expression}") == CHARS


def test_in_place_operators_change_lists_sets_and_dictionaries_in_place(run):
    """A second name for the same list sees the change."""
    left = run("a = b = [1]\na += (2,)\na *= 2\ns = t = {1}\ns |= {2}\ns -= {1}\nd = e = {}\nd |= {'k': 1}\n")
    assert (left["b"], left["t"], left["e"]) == ([1, 2, 1, 2], {2}, {"k": 1})


def test_augmented_assignment_of_plain_values(run):
    """Each operator."""
    left = run(
        "a = 7\na += 1\na -= 2\na *= 6\na //= 5\na %= 4\na **= 3\na <<= 2\na >>= 1\na |= 8\na &= 31\na ^= 1\na /= 2\n"
        "t = 'n=%d'\nt %= 3\nt += '!'\n"
    )
    assert (left["a"], left["t"]) == (
        (((((((7 + 1 - 2) * 6) // 5) % 4) ** 3 << 2) >> 1 | 8) & 31 ^ 1) / 2,
        "n=3!",
    )


def test_matrix_multiplication_is_refused(problems):
    """There is nothing it could multiply."""
    sentence = "`@` between values is not part of the script language; there are no matrices."
    assert problems("x = a @ b\n") == [f"1: {sentence}"]
    assert problems("x @= b\n") == [f"1: {sentence}"]
