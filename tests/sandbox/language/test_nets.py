"""Each of the three nets (vetting, transformer, bytecode) holds alone what it is there to hold."""

import ast

import pytest

from tocsin.sandbox import policy, transformer, vetting
from tocsin.sandbox.policy import compile_script
from tocsin.sandbox.script import Script

HOLES = [
    "class A: pass\n",
    "def f():\n    yield 1\n",
    "def f():\n    nonlocal x\n",
    "with a: pass\n",
    "async def f(): pass\n",
    "match a:\n    case _getattr_: pass\n",
    "try:\n    pass\nexcept* A:\n    pass\n",
    "x = a.__class__\n",
    "x = a.gi_frame\n",
    "_getattr_ = 1\n",
    "(_getattr_ := 1)\n",
    "def _getattr_(): pass\n",
    "def f(_getattr_, /): pass\n",
    "f = lambda *_getattr_: 1\n",
    "import json as _getattr_\n",
    "from json import *\n",
    "try:\n    pass\nexcept A as _getattr_:\n    pass\n",
    "for _getattr_ in a: pass\n",
    "x = a @ b\n",
    "a.b += 1\n",
    "a[0:1] += b\n",
]


@pytest.mark.parametrize("source", HOLES)
def test_the_rest_holds_without_vetting(monkeypatch, source):
    """The transformer and its base class refuse by themselves, if less kindly."""
    monkeypatch.setattr(vetting, "vet", lambda tree, modules, report: None)

    assert isinstance(compile_script(Script("a.py", source), frozenset()), list)


@pytest.mark.parametrize(
    "source",
    [
        *HOLES[:5],
        "x = a.b\n",
        "x = a[0]\n",
        "a.b = 1\n",
        "import json\n",
        "x = a * b\n",
        "x += 1\n",
        "_x = 1\n",
    ],
)
def test_the_bytecode_check_holds_alone(monkeypatch, source):
    """As if a Python to come had found a way around both."""
    monkeypatch.setattr(vetting, "vet", lambda tree, modules, report: None)
    monkeypatch.setattr(policy, "ScriptTransformer", lambda modules, report: ast.NodeVisitor())

    (problem,) = compile_script(Script("a.py", source), frozenset())

    assert (
        "not part of the script language" in problem.message or "no binding for nonlocal" in problem.message
    )


def test_a_fault_inside_the_compiler_refuses_the_script(monkeypatch):
    """Nothing but a list of problems ever comes out, whatever goes wrong within."""

    def broken(tree, modules, report):
        raise LookupError("a mistake of ours")

    monkeypatch.setattr(vetting, "vet", broken)

    assert [str(each) for each in compile_script(Script("a.py", "x = 1\n"), frozenset())] == [
        "a.py: Python could not compile this script (LookupError)."
    ]


def test_the_transformer_visits_every_node_it_knows():
    """No visit method answers for a node that vetting would not let through."""
    refused = {"ClassDef", "With", "Yield", "YieldFrom", "MatMult", "TemplateStr", "Interpolation"}
    for name in refused:
        assert (
            getattr(transformer.ScriptTransformer, f"visit_{name}") is transformer.ScriptTransformer._refuse
        )
