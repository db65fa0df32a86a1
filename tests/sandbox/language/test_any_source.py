"""Properties that hold for every source: compiling never raises, and what compiles means what Python means."""

from __future__ import annotations

import ast

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tocsin.sandbox.guards import Guards
from tocsin.sandbox.policy import Compiled, compile_script
from tocsin.sandbox.script import Script

GUARDS = Guards()
HONEST = '''\
"""Greets whoever calls."""
import json, urllib.parse as up
from math import floor
from _greetings import hello
counts = {}
def greet(name: str, *rest, mark="!", **more) -> str:
    """Says hello."""
    global counts
    for i, (a, *b) in enumerate([(1, 2), (3, 4)]):
        counts[name] = counts.get(name, 0)
        counts[name] += a * 2 ** i % 7 << 1
    return f"Hello {name!r:>{10}} {counts[name]:03d}{mark}"
try:
    [x, y], *z = ([1, 2], 3, 4)
    a = b, c = (1, 2)
    del z[0], counts["x"]
except (KeyError, IndexError) as e:
    response = str(e.args) if not counts else {**counts}
except:
    raise ValueError("x") from None
finally:
    total: int = sum(n for n in range(3) if n is not None and n != 1)
while total > 1 or (n := total) < 0:
    total -= 1
    if total == 5: break
    else: continue
response = "<Response><Say>" + greet("Maria", *[1], mark=("?" if Digits == "1" else ".")) + "</Say></Response>"
squares = [{k: v for k, v in {1: 2}.items()}, {n ** 2 for n in [1, 2][0:1]}, lambda q, /: -q]
assert squares, "none"
'''
PIECES = [
    *HONEST.split(),
    *("class", "yield", "async", "await", "match", "case", "with", "nonlocal", "except*", "type", "lazy"),
    *("__class__", "_getattr_", "[", "]", "(", ")", "{", "}", ":", "=", "\n", "\n    ", "\t", "'", '"""'),
    *(
        "f'{",
        "}'",
        "\\",
        "#",
        "\0",
        "\ud800",
        "\u202e",
        "*",
        "**",
        "@",
        ":=",
        "->",
        "0x",
        "1e",
        "b''",
        "2j",
        "...",
    ),
]

sources = st.one_of(
    st.text(max_size=300),
    st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join),
)


@st.composite
def mutations(draw):
    """An honest script with a few pieces cut, doubled, moved or put in."""
    source = HONEST
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(source)))
        end = min(len(source), start + draw(st.integers(0, 25)))
        piece = draw(st.one_of(st.sampled_from(PIECES), st.just(source[start:end] * 2), st.just("")))
        source = source[:start] + piece + source[end:]
    return source


def judged(source):
    """Compile; check that the verdict is one of the two there are."""
    found = compile_script(Script("a.py", source), frozenset({"_greetings"}))
    if isinstance(found, Compiled):
        assert found.code.co_filename == "a.py"
    else:
        assert found
        for problem in found:
            assert problem.message.endswith((".", "]"))
            assert problem.line >= 0
            assert problem.column >= 0
            f"{problem} {problem.source}".encode()
    return found


def test_the_honest_script_compiles():
    """So that the mutations below start from something that passes."""
    assert isinstance(judged(HONEST), Compiled)


@settings(max_examples=150, deadline=None)
@given(sources)
def test_no_text_makes_the_compiler_raise(source):
    """Code, or problems that can be shown; never an exception."""
    judged(source)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::SyntaxWarning")
@settings(max_examples=150, deadline=None)
@given(mutations())
def test_no_mutation_of_an_honest_script_makes_it_raise_or_lets_a_guard_slip(source):
    """And no name of a guard gets into code that runs."""
    found = judged(source)
    if isinstance(found, Compiled):
        names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
        assert not {name for name in names if name.startswith("_") and name not in {"_", "_greetings"}}


SIGNS = ["+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^", "==", "!=", "<", "in", "and", "or"]

atoms = st.one_of(
    st.integers(-9, 9).map(str),
    st.sampled_from(
        [
            "'a'",
            "'pump'",
            "[1, 2, 3]",
            "(4, 'x')",
            "{'a': 1}",
            "{3}",
            "None",
            "True",
            "0.5",
            "d",
            "n",
            "words",
        ]
    ),
)


def larger(inner):
    """Expressions made of smaller ones, over every rewritten construct."""
    two = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(inner, st.sampled_from(SIGNS), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        two.map(lambda p: f"{p[0]}[{p[1]}]"),
        two.map(lambda p: f"{p[0]}[{p[1]}:]"),
        two.map(lambda p: f"[*{p[0]}, {p[1]}]"),
        two.map(lambda p: f"[(a, b) for a, b in [{p[0]}, {p[1]}]]"),
        two.map(lambda p: f"[x for x in {p[0]} if x != {p[1]}]"),
        two.map(lambda p: f"sum(x for x in {p[0]})"),
        two.map(lambda p: f"'%s-%s' % ({p[0]}, {p[1]})"),
        two.map(lambda p: "'{} {}'.format(" + f"{p[0]}, {p[1]})"),
        two.map(lambda p: "f'{" + f"({p[0]})!r" + "} {" + f"({p[1]})" + "}'"),
        inner.map(lambda p: f"str({p}).upper().replace('A', 'bb')"),
        inner.map(lambda p: f"sorted({p})"),
        inner.map(lambda p: f"(lambda *v, k={p}: (v, k))(*{p})"),
        inner.map(lambda p: f"({p} if {p} else n)"),
        inner.map(lambda p: f"(not -{p})"),
    )


def result_of(run, source):
    """Give the value, or the class of what it raised."""
    try:
        return run(source)
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        return type(error)


@pytest.mark.filterwarnings("ignore::SyntaxWarning")  # Python comments on what the expressions do
@settings(max_examples=200, deadline=None)
@given(st.recursive(atoms, larger, max_leaves=6))
def test_what_compiles_computes_what_python_computes(expression):
    """The rewriting changes no result and no kind of error, short of the limits."""
    try:
        ast.parse(expression)
    except SyntaxError:
        assume(False)  # before Python 3.12 an f-string cannot hold its own quotes
    words = {"d": {"k": [1, (2, 3)]}, "n": 3, "words": ["a", "b"]}

    def guarded(source):
        found = compile_script(Script("a.py", f"result = {source}\n"), frozenset())
        assert isinstance(found, Compiled), found
        left = GUARDS.globals(words, lambda name: None, lambda line: None)
        exec(found.code, left)
        return left["result"]

    def plain(source):
        return eval(source, dict(words))

    assert repr(result_of(guarded, expression)) == repr(result_of(plain, expression))
