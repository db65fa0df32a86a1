"""Classes: refused, because a class can lie about every operator the guards rely on."""

PLAIN = """\
x = 1
class Caller:
    name = "Maria"
"""
LYING_TEXT = """\
class Text(str):
    def startswith(self, *prefixes):
        return False
"""
INSIDE_FUNCTION = """\
def make():
    class Inner:
        pass
    return Inner
"""

CLASSES = "Classes are not part of the script language; use functions and dictionaries."


def test_a_class_is_refused_with_what_to_use_instead(problems):
    """The author is told where the class begins."""
    assert problems(PLAIN) == [f"2: {CLASSES}"]


def test_a_class_that_derives_from_text_is_refused(problems):
    """A text whose methods lie could otherwise walk past a check of names."""
    assert problems(LYING_TEXT) == [f"1: {CLASSES}"]


def test_a_class_inside_a_function_is_refused(problems):
    """Nesting hides nothing."""
    assert problems(INSIDE_FUNCTION) == [f"2: {CLASSES}"]
