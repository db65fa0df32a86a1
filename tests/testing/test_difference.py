"""Pointing to where an expected text and what was said part ways."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tocsin.testing.difference import contains, nearest


def test_the_sentence_most_alike_is_shown_from_where_the_text_would_begin():
    """The caret stands under the first letter that differs, case apart."""
    said = ["Good afternoon, Maria Lind.", "Here is Riverside. Pump 2 needs you: 93 percent."]

    assert nearest(said, "pump 2 needs us") == [
        "heard     ...Pump 2 needs you: 93 percent.",
        "expected  ...pump 2 needs us",
        "                          ^",
    ]


def test_a_text_that_was_said_only_in_part_is_pointed_to_at_its_end():
    """What is missing begins there."""
    assert nearest(["Acknowledged."], "Acknowledged. Thank you")[2].index("^") == 10 + len("Acknowledged.")


def test_nothing_is_shown_where_nothing_is_alike():
    """A far-fetched comparison helps nobody."""
    assert nearest(["Good afternoon."], "Enter your PIN") == []
    assert nearest([], "Enter your PIN") == []


@given(st.lists(st.text(max_size=40), max_size=4), st.text(min_size=1, max_size=40))
def test_any_texts_can_be_compared(said, wanted):
    """Whatever script and alphabet: no error, and three lines or none."""
    assert len(nearest(said, wanted)) in (0, 3)


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=4))
def test_what_was_said_contains_itself(said):
    """In whole, and in each of its sentences."""
    assert contains(said, " ".join(said))
    assert all(contains(said, one) for one in said)
