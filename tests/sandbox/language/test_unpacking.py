"""Taking values apart: assignments, loops, star-arguments and displays."""

import pytest


def test_every_shape_of_target_works(run):
    """Tuples, lists, nesting, stars."""
    left = run(
        "a, b = 1, 2\n[c, d], *e = ([3, 4], 5, 6)\nf, (g, *h) = 7, 'xyz'\n*i, (j, k) = [0, 1, (2, 3)]\n"
    )
    assert [left[name] for name in "abcdefghijk"] == [1, 2, 3, 4, [5, 6], 7, "x", ["y", "z"], [0, 1], 2, 3]


def test_several_targets_share_one_evaluation_from_left_to_right(run):
    """The right-hand side may do something; it must do it once."""
    left = run("seen = []\ndef f():\n    seen.append(1)\n    return (1, 2)\na, b = c = [d, e] = f()\n")
    assert (left["seen"], left["c"], left["a"], left["e"]) == ([1], (1, 2), 1, 2)


def test_loops_take_their_items_apart(value, run):
    """In statements and in comprehensions."""
    assert value("[a + b for a, b in {'x': 'y'}.items()]") == ["xy"]
    assert value("[a + b + i for i, (a, b) in enumerate([(1, 2), (3, 4)])]") == [3, 8]
    assert run("out = []\nfor a, *b in [(1, 2, 3)]:\n    out.append((a, b))\n")["out"] == [(1, [2, 3])]


def test_stars_spread_values(value):
    """In calls, lists, sets, tuples and dictionaries."""
    assert value("max(*[1, 2], *(3,))") == 3
    assert value("[*'ab', *range(2)]") == ["a", "b", 0, 1]
    assert value("{**{'a': 1}, 'b': 2}") == {"a": 1, "b": 2}
    assert value("dict(**{'a': 1})") == {"a": 1}


@pytest.mark.parametrize(
    "source", ["*(a, b), c = x", "*[a], = x", "for *(a, b), c in x: pass", "y = [1 for *(a, b), c in x]"]
)
def test_a_star_takes_a_name(problems, source):
    """What stands in brackets behind it would be taken apart without a look at what it is."""
    assert problems(f"x = []\n{source}\n") == [
        "2: `*` before ( ) or [ ] is not allowed here; give it a name and take that apart."
    ]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a, b = call", "TypeError: a Call has no items to go through"),
        ("a, (b, c) = 1, call", "TypeError: a Call has no items to go through"),
        ("for a, b in [call]: pass", "TypeError: a Call has no items to go through"),
        ("for a in call: pass", "TypeError: a Call has no items to go through"),
        ("x = [a for a in call]", "TypeError: a Call has no items to go through"),
        ("print(*call)", "TypeError: a Call has no items to go through"),
        ("x = [*call]", "TypeError: a Call has no items to go through"),
        ("dict(**call)", "TypeError: ** takes a dictionary, not a Call"),
        ("x = {**call}", "TypeError: ** takes a dictionary, not a Call"),
        ("x = []\nx += call", "TypeError: a Call has no items to go through"),
        ("a, b = 1", "TypeError: a whole number has no items to go through"),
        ("a, b = 1, 2, 3", "ValueError: too many values to unpack (expected 2)"),
        ("a, (b, c) = 1, (2,)", "ValueError: not enough values to unpack (expected 2, got 1)"),
    ],
)
def test_what_is_no_collection_refuses(error, source, message):
    """Every level of a target is checked, and Python's own complaints stay Python's."""
    assert error(source) == message
