"""Imports: frozen namespaces by name, own `_modules`, and an ImportError that names what is allowed."""

import pytest

ALLOWED = "they may import datetime, html, json, math, random, re, time, urllib.parse"


def test_the_offered_modules_can_be_imported(run):
    """In every form of the statement."""
    left = run(
        "import math, urllib.parse\n"
        "import urllib.parse as up\n"
        "from json import dumps as d, loads\n"
        "from urllib import parse\n"
        "from __future__ import annotations\n"
        "result = [math.floor(2.5), urllib.parse.quote('a b'), up.quote('&'), d([1]), loads('2'), parse.quote('<')]\n"
    )
    assert left["result"] == [2, "a%20b", "%26", "[1]", 2, "%3C"]


@pytest.mark.parametrize(
    "name", ["os", "sys", "socket", "subprocess", "twilio", "xml", "importlib", "json.codecs"]
)
def test_any_other_module_is_an_import_error_that_names_what_is_allowed(error, name):
    """At run time, so that a script may catch it."""
    assert error(f"import {name}") == f"ImportError: There is no module {name!r} for scripts; {ALLOWED}"


def test_such_an_import_is_foretold_as_a_warning(compiled):
    """The same sentence, before anything runs, with the line."""
    (warning,) = compiled("x = 1\nimport os\n").warnings
    assert str(warning) == f"20_menu.py:2: There is no module 'os' for scripts; {ALLOWED}."
    assert warning.source == "import os"


def test_a_name_the_module_lacks_is_an_import_error(error, compiled):
    """`from` never falls back to a real submodule of that name."""
    source = "from json import codecs\n"
    assert (
        error(source)
        == "ImportError: json offers scripts no 'codecs'; it offers JSONDecodeError, dumps, loads"
    )
    assert [str(each) for each in compiled(source).warnings] == [
        "20_menu.py:1: json offers scripts no 'codecs'; it offers JSONDecodeError, dumps, loads."
    ]


def test_what_cannot_even_be_tried_is_refused(problems):
    """Star, dots, private members and the real builtins."""
    assert problems("from json import *\n") == [
        "1: `from ... import *` is not part of the script language; name what you need."
    ]
    assert problems("from . import json\n") == [
        "1: Imports with a leading dot are not allowed; write `import _name` for the file _name.py."
    ]
    assert problems("from random import _os\n") == [
        "1: Names that start with _ are reserved; use another name than `_os`."
    ]
    assert problems("import builtins\n") == [f"1: There is no module 'builtins' for scripts; {ALLOWED}."]


def test_a_module_of_the_same_program_is_imported_by_its_underscore_name(run):
    """Whole, by `from`, or under another name; its own private names stay hidden."""
    greetings = "import math\ndef hello(name):\n    return 'Hello ' + name\n"
    left = run(
        "import _greetings\nimport _greetings as g\nfrom _greetings import hello\n"
        "result = [_greetings.hello('Maria'), g.hello('Jon'), hello('all')]\n",
        modules={"_greetings": greetings},
    )
    assert left["result"] == ["Hello Maria", "Hello Jon", "Hello all"]


def test_a_module_hides_what_it_runs_on(error):
    """Its globals hold the builtins and the guards; none of them is a member."""
    modules = {"_greetings": "x = 1\n"}
    for name in ("__builtins__", "_import_"):
        assert error(f"import _greetings\ny = getattr(_greetings, {name!r})\n", modules=modules).startswith(
            f"AttributeError: _greetings offers scripts no {name!r}"
        )


def test_a_module_file_that_is_not_there_is_refused_before_it_runs(problems):
    """A name that starts with _ is nothing else, so this is certain."""
    assert problems("import _greetings\n") == [
        "1: There is no file _greetings.py beside this script, so `_greetings` cannot be imported."
    ]


def test_a_file_named_like_a_guard_cannot_be_imported(problems):
    """`import _getattr_` would bind the very name the guards are called by."""
    assert problems("import _getattr_\n", modules={"_getattr_"}) == [
        "1: The name '_getattr_' is reserved; a module's file begins with one _ and ends with none."
    ]


def test_the_name_of_a_module_is_bound_by_import_only(problems):
    """It may be read, but nothing else may take its place."""
    reserved = "Names that start with _ are reserved; use another name than `_greetings`."
    assert problems("_greetings = 1\n", modules={"_greetings"}) == [f"1: {reserved}"]
    assert problems("from json import dumps as _greetings\n", modules={"_greetings"}) == [f"1: {reserved}"]


def test_the_compiled_script_says_which_modules_it_needs(compiled):
    """So that a check can follow them."""
    assert compiled("import _a\nfrom _b import x\n", modules={"_a", "_b", "_c"}).imports == {"_a", "_b"}
