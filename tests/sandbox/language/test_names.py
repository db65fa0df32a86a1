"""Names that start with `_`: the guards have such names, so no script binds or reads one.

Wherever Python's grammar keeps a name is a place from which a guard could be replaced.
"""

import pytest

from tocsin.sandbox.bytecode import RESERVED

PLACES = {
    "assignment": "_getattr_ = None\n",
    "augmented assignment": "_getattr_ += 1\n",
    "annotated assignment": "_getattr_: int = 1\n",
    "walrus": "(_getattr_ := lambda o, n: o)\n",
    "function": "def _getattr_(o, n): return o\n",
    "argument": "def f(_getattr_): pass\n",
    "positional-only argument": "def f(_getattr_, /): pass\n",
    "keyword-only argument": "def f(*, _getattr_): pass\n",
    "star argument": "def f(*_getattr_): pass\n",
    "double-star argument": "def f(**_getattr_): pass\n",
    "lambda argument": "f = lambda _getattr_, /: 1\n",
    "keyword in a call": "f(_getattr_=1)\n",
    "except": "try:\n    pass\nexcept Exception as _getattr_: pass\n",
    "for": "for _getattr_ in []: pass\n",
    "comprehension": "x = [1 for _getattr_ in []]\n",
    "unpacking": "a, _getattr_ = 1, 2\n",
    "starred": "a, *_getattr_ = 1, 2\n",
    "import as": "import json as _getattr_\n",
    "from-import as": "from json import dumps as _getattr_\n",
    "global": "global _getattr_\n",
    "delete": "del _getattr_\n",
    "read": "x = _getattr_\n",
}


@pytest.mark.parametrize("place", PLACES)
def test_no_place_takes_the_name_of_a_guard(problems, place):
    """One problem, and it names the name."""
    found = problems(PLACES[place])
    assert [text.partition(": ")[2] for text in found] == [
        "Names that start with _ are reserved; use another name than `_getattr_`."
    ]


def test_the_real_builtins_have_no_name(problems):
    """Neither the module nor the dict by which Python finds them."""
    assert problems('__builtins__["len"] = None\n') == [
        "1: Names that start with _ are reserved; use another name than `__builtins__`."
    ]
    assert problems("builtins = 1\n") == ["1: The name `builtins` is reserved; call it something else."]
    assert problems('x = __import__("os")\n') == [
        "1: Names that start with _ are reserved; use another name than `__import__`."
    ]


@pytest.mark.parametrize("name", sorted(RESERVED | {"__builtins__", "__import__", "__name__", "__file__"}))
def test_a_module_named_like_what_scripts_run_on_opens_nothing(problems, name):
    """The names of a program's modules may be read, but these need no import to be there."""
    for beside in ({name}, {name, f"{name}.part"}):
        assert problems(f"x = {name}\n", modules=beside) == [
            f"1: Names that start with _ are reserved; use another name than `{name}`."
        ]
        for source in (f"import {name}\n", f"import {name}.part\n", f"from {name} import part\n"):
            assert problems(source, modules=beside)


def test_letters_that_python_reads_as_others_are_judged_by_what_they_become(problems, error):
    """Python folds look-alike letters into plain ones before the check sees them."""
    assert problems("x = params.__\uff43lass__\n") == [
        "1: Attributes that start with _ (`__class__`) are Python's own and closed to scripts."
    ]
    assert (
        error("x = params.cªllable_attr")
        == "AttributeError: a Params has no 'callable_attr' that scripts may use"
    )


def test_a_single_underscore_is_a_name_like_any_other(value):
    """`for _ in range(3)` is how people write a loop whose number they ignore."""
    assert value("[7 for _ in range(3)]") == [7, 7, 7]
