"""Size and depth: a script is measured before Python's compiler sees it."""

import pytest

DEEP = "This is nested more than 80 levels deep (each elif and each + of one long chain counts); split it into smaller steps."
TOO_NESTED = "This script is too deeply nested for Python; split it into smaller steps."


@pytest.mark.parametrize(
    "source",
    [
        "if a:\n    pass\n" + "elif a:\n    pass\n" * 90,
        "x = " + "a + " * 90 + "a\n",
        "x = a" + ".b" * 90 + "\n",
        "x = " + "-" * 90 + "a\n",
        "x = " + "f(" * 90 + ")" * 90 + "\n",
        "x = " + "lambda: " * 90 + "a\n",
    ],
)
def test_eighty_levels_are_the_limit(problems, source):
    """The compiler recurses on each of them."""
    (problem,) = problems(source)
    assert problem.partition(": ")[2] == DEEP


@pytest.mark.parametrize(
    "source",
    [
        "x = a" + ".b" * 20_000 + "\n",
        "x = " + "(" * 300 + "1" + ")" * 300 + "\n",
        "x = " + "-" * 60_000 + "1\n",
        "if a: pass\n" + "elif a: pass\n" * 4_000,
    ],
)
def test_what_python_cannot_even_read_is_said_in_the_same_way(problems, source):
    """Such sources end the parser with a RecursionError or a MemoryError."""
    (problem,) = problems(source)
    assert problem.partition(": ")[2] in {TOO_NESTED, DEEP}


def test_an_honest_script_of_some_depth_compiles(run):
    """Sixty branches or a sum of sixty texts are not too much."""
    branches = "if n == 0:\n    x = 0\n" + "".join(f"elif n == {i}:\n    x = {i}\n" for i in range(1, 60))
    assert run(branches, n=59)["x"] == 59
    assert run("x = " + " + ".join(["'a'"] * 60) + "\n")["x"] == "a" * 60


def test_the_number_of_nodes_and_bytes_is_limited(problems):
    """A script that large is data, or an attack."""
    assert problems("x = [" + "a," * 20_000 + "]\n") == [
        "0: The script is too large: it may have up to 20000 names, values and operators."
    ]
    assert problems("# " + "x" * 70_000) == [
        "0: The script is longer than 65536 bytes; move parts of it to _modules of their own."
    ]
    assert problems("# " + "å" * 40_000)[0].startswith("0: The script is longer")


def test_finally_blocks_are_counted_as_often_as_the_compiler_copies_them(problems, run):
    """Each level doubles those inside it; each `return` copies them once more."""
    nested = "".join(" " * i + "try:\n" + " " * i + " pass\n" + " " * i + "finally:\n" for i in range(18))
    sentence = "0: The `finally` blocks are nested too deeply or are left in too many ways; simplify them."
    assert problems(nested + " " * 18 + "pass\n") == [sentence]
    returns = "def f():\n try:\n" + "  return 1\n" * 900 + " finally:\n" + "  a(1)\n" * 900
    assert problems(returns) == [sentence]
    assert run("try:\n    try:\n        x = 1\n    finally:\n        y = 2\nfinally:\n    z = 3\n")["z"] == 3


def test_characters_no_source_may_hold_are_found_with_their_place(problems):
    """Half characters, null bytes, and those that make a line read otherwise than it runs."""
    assert problems("x = 1\ny = '\0'\n") == [
        "2: The file contains a null byte; save it as plain text (UTF-8)."
    ]
    assert problems("x = '\ud800'\n") == [
        "1: The file contains half a character (a lone surrogate); save it as UTF-8."
    ]
    assert problems("x = 1 # \u202e admin\n") == [
        "1: There is an invisible character here that reorders text on screen; delete it."
    ]


def test_a_byte_order_mark_is_ignored(run):
    """Some editors begin every file with one."""
    assert run("\ufeffx = 1\n")["x"] == 1
