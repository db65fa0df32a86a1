"""Syntax that only some Python versions have: refused in words where it parses, as a syntax error where not."""

import ast
import sys

import pytest

from tocsin.sandbox import vetting
from tocsin.sandbox.report import Report
from tocsin.sandbox.script import Script


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type parameters are new in Python 3.12")
def test_type_parameters_and_type_statements_are_refused(problems):
    """A type parameter binds a name at a place older checks do not know."""
    assert problems("def f[_getattr_](x): pass\n") == [
        "1: Type parameters in [ ] are not part of the script language; leave them out."
    ]
    assert problems("def f[*A, **B](x): pass\n")
    assert problems("type X = int\n") == [
        "1: `type` statements are not part of the script language; leave the type out."
    ]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="f-strings of PEP 701 are new in Python 3.12")
def test_quotes_and_comments_inside_f_strings_are_only_spelling(value, problems):
    """What stands in the braces is checked like any code."""
    assert value('f"{"a" + f"{1}"}"') == "a1"
    assert problems('x = f"{"".__class__}"\n') == [
        "1: Attributes that start with _ (`__class__`) are Python's own and closed to scripts."
    ]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="valid from Python 3.12 on")
def test_newer_syntax_is_a_syntax_error_on_older_versions(problems):
    """And so is refused as well."""
    assert problems("type X = int\n") == ["1: Python does not understand this line."]


@pytest.mark.skipif(sys.version_info < (3, 14), reason="template strings are new in Python 3.14")
def test_template_strings_are_refused(problems):
    """They hold their values as objects with attributes."""
    assert problems('x = t"{1}"\n') == [
        '1: Template strings (t"...") are not part of the script language; use an f-string.'
    ]


class Novelty(ast.stmt):
    """A statement of some Python to come."""

    _fields = ("name",)


def test_a_node_nobody_has_looked_at_is_refused():
    """Whatever a later Python adds stays out until it is listed."""
    tree = ast.Module(body=[Novelty(name="x", lineno=1, col_offset=0)], type_ignores=[])
    report = Report(Script("a.py", "novelty x\n"))

    vetting.vet(tree, frozenset(), report)

    assert [each.message for each in report.problems()] == ["`Novelty` is not part of the script language."]


def test_a_lazy_import_is_refused():
    """Python 3.15 marks an import that is resolved at first use, past any guard."""
    tree = ast.parse("import json\n")
    tree.body[0].is_lazy = 1
    report = Report(Script("a.py", "lazy import json\n"))

    vetting.vet(tree, frozenset(), report)

    assert [each.message for each in report.problems()] == [
        "`lazy import` is not part of the script language; write import."
    ]


def test_unpacking_in_a_comprehension_is_refused():
    """Python 3.15 iterates the starred value without asking anybody."""
    tree = ast.parse("[x for x in y]\n")
    comprehension = tree.body[0].value
    comprehension.elt = ast.copy_location(ast.Starred(comprehension.elt, ast.Load()), comprehension.elt)
    report = Report(Script("a.py", "[*x for x in y]\n"))

    vetting.vet(tree, frozenset(), report)

    assert [each.message for each in report.problems()] == [
        "`*` inside a comprehension is not allowed; use a second `for`."
    ]
