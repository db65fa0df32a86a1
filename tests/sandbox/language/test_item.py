"""`x[key]`: reading, assigning, deleting and `d[k] += v`, by exact type."""

import pytest

COUNT = """\
counts = {}
for word in ["a", "b", "a"]:
    counts[word] = counts.get(word, 0)
    counts[word] += 1
"""


def test_items_and_slices_are_read(value):
    """Of text, lists, tuples, dictionaries and ranges."""
    assert value("'abc'[1] + 'abcd'[::2] + [1, 'x'][1]") == "bacx"
    assert value("{'a': (1, 2)}['a'][-1]") == 2
    assert value("list(range(10)[2:8:3])") == [2, 5]


def test_items_are_assigned_and_deleted(run):
    """Also through slices and nested."""
    left = run(
        "d = {'l': [1, 2, 3, 4]}\nd['l'][0] = 9\nd['l'][1:3] = (7,)\ndel d['l'][-1]\nd['x'] = 1\ndel d['x']\n"
    )
    assert left["d"] == {"l": [9, 7]}


def test_adding_to_an_item_works(run):
    """What users of other hosts miss most."""
    assert run(COUNT)["counts"] == {"a": 2, "b": 1}
    left = run(
        "session['tries'] = 1\nsession['tries'] += 1\nresult = session['tries']\nd = {'l': [1]}\nd['l'] += [2]\n"
    )
    assert left["result"] == 2
    assert left["d"] == {"l": [1, 2]}


def test_adding_to_an_item_looks_the_target_up_once(run):
    """A call inside the brackets happens once."""
    left = run("seen = []\ndef k():\n    seen.append(1)\n    return 'a'\nd = {'a': 1}\nd[k()] += 1\n")
    assert (left["seen"], left["d"]) == ([1], {"a": 2})


def test_adding_to_an_item_reads_it_before_the_right_side_runs(run):
    """As Python does: what the right side does to the item is overwritten."""
    count = (
        "count = {'n': 0}\ndef found():\n    count['n'] += 10\n    return 1\ncount['n'] += found()\n"
        "x = [[1], [2]]\ndef swapped():\n    x.reverse()\n    return [9]\nx[0] += swapped()\n"
    )
    expected: dict[str, object] = {}
    exec(count, expected)
    left = run(count)

    assert left["count"] == expected["count"] == {"n": 1}
    assert left["x"] == expected["x"] == [[1, 9], [1, 9]]


def test_adding_to_an_item_that_is_not_there_has_no_effect(run):
    """The right side, which may send a text, is not reached."""
    left = run(
        "done = []\ndef sent():\n    done.append(1)\n    return 1\n"
        "try:\n    {}['missing'] += sent()\nexcept KeyError:\n    pass\n"
    )

    assert left["done"] == []


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = call['a']", "TypeError: a Call has no items to read with [ ]"),
        ("x = (lambda: 1)[0]", "TypeError: a function has no items to read with [ ]"),
        ("call['a'] = 1", "TypeError: items of a Call cannot be changed"),
        ("params['From'] = 'x'", "TypeError: items of a Params cannot be changed"),
        ("params['From'] += 'x'", "TypeError: items of a Params cannot be changed"),
        ("del params['From']", "TypeError: items of a Params cannot be changed"),
        ("x = 'abc'\nx[0] = 'z'", "TypeError: items of a text cannot be changed"),
        ("x = [1]\nx[0:1] = call", "TypeError: a Call has no items to go through"),
        ("import math\nmath['floor'] = 1", "TypeError: items of math cannot be changed"),
    ],
)
def test_other_objects_refuse(error, source, message):
    """Whatever Python itself would have let through."""
    assert error(source) == message


def test_a_slice_cannot_be_added_to(problems):
    """There is a plain way to write it."""
    assert problems("x[0:1] += [2]\n") == ["1: A slice cannot be changed in place; assign it anew."]
