"""`with`: refused, as there is nothing to open."""

WITH = 'with open("x") as f:\n    pass\n'


def test_with_is_refused(problems):
    """One sentence, though the line holds more that would fail."""
    assert problems(WITH) == [
        "1: `with` is not part of the script language, as there is nothing to open; use try and finally."
    ]
