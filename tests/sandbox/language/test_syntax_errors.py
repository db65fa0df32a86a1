"""Broken syntax, said in the words of someone who does not write Python every day."""

import pytest

from tocsin.sandbox.policy import compile_script
from tocsin.sandbox.script import Script

CASES = {
    "x = (1\n": "1: The ( opened here is never closed.",
    "x = 1)\n": "1: This ) closes nothing that was opened.",
    "x = (1]\n": "1: This ] cannot close the ( that was opened before it.",
    "x = 'a\n": "1: The text that begins here has no closing quote on its line.",
    'x = """a\n': "1: The text in triple quotes that begins here is never closed.",
    "if x\n    y = 1\n": "1: A colon is missing at the end of this line.",
    "if x:\ny = 1\n": "2: The lines that belong to the 'if' statement on line 1 must be indented.",
    "def f():\nx = 1\n": "2: The lines that belong to the function definition on line 1 must be indented.",
    "  x = 1\n": "1: This line is indented further than the one before it, without a reason.",
    "if x:\n    y = 1\n  z = 2\n": "3: This line is indented by a number of spaces that no line above it has.",
    "if x:\n\ty = 1\n        z = 2\n": "3: Tabs and spaces are mixed in the indentation; use spaces.",
    "x = “a”\n": "1: The character “ (U+201C) cannot stand here; use plain letters, quotes and dashes.",
    "x =\u200b 1\n": "1: There is an invisible character (U+200B) here; delete it and type the line anew.",
    "if x = 1:\n    pass\n": "1: A comparison is written with ==; a single = assigns.",
    "x = [1 2]\n": "1: Something is missing here, perhaps a comma.",
    "x = = 1\n": "1: Python does not understand this line.",
    'print "x"\n': "1: Write print with parentheses: print(...).",
    "return 1\n": "1: `return` works only inside a function; use if and else here.",
    "break\n": "1: `break` works only inside a loop.",
    "continue\n": "1: `continue` works only inside a loop.",
    "def f(a, a): pass\n": (
        "1: Python does not understand this: duplicate argument 'a' in function definition."
    ),
}


@pytest.mark.parametrize("source", CASES)
def test_each_mistake_has_a_plain_sentence(problems, source):
    """The line is the one to look at."""
    assert problems(source) == [CASES[source]]


def test_a_problem_shows_its_line_and_column():
    """Columns count characters, not bytes, so that a caret under the line points at the right one."""
    (problem,) = compile_script(Script("10_x.py", "å = 1\nhöjd = b'x'\n"), frozenset())
    assert (problem.line, problem.column, problem.source) == (2, 8, "höjd = b'x'")
    assert str(problem).startswith("10_x.py:2: Byte strings")


def test_several_problems_come_in_the_order_of_their_lines_twenty_at_most(problems):
    """Whoever has more mends these first."""
    found = problems("".join(f"x{i} = b''\n" for i in range(30)))
    assert [text.split(":")[0] for text in found] == [str(n) for n in range(1, 21)]


def test_lines_end_where_python_ends_them(problems):
    """Windows and old Macintosh line ends count, a form feed or a Unicode line separator does not."""
    assert problems("a = 1\r\nb = 1\rc = '\x0c\u2028'\nd = b''\n") == [
        '4: Byte strings (b"...") are not part of the script language; use text without the b.'
    ]
