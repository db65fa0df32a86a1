"""Comprehensions: all four kinds, up to ten inside one another."""


def test_all_kinds_work(value):
    """With conditions and several loops."""
    assert value("[a * b for a in range(3) if a for b in (1, 2)]") == [1, 2, 2, 4]
    assert value("{c: i for i, c in enumerate('ab')}") == {"a": 0, "b": 1}
    assert value("{a % 2 for a in range(4)}") == {0, 1}
    assert value("[y := 1, y + 1]") == [1, 2]


def test_ten_inside_one_another_work_and_eleven_are_refused(value, problems):
    """Some Python versions die of a segmentation fault from 21 on."""

    def nested(count):
        return "[" * count + "n" + " for n in [1]]" * count

    assert value("str(" + nested(10) + ")") == str([[[[[[[[[[1]]]]]]]]]])
    assert problems("x = " + nested(11) + "\n") == [
        "1: More than 10 comprehensions stand inside one another; use loops."
    ]
    assert problems("x = " + nested(25) + "\n") == [
        "1: More than 10 comprehensions stand inside one another; use loops."
    ]
