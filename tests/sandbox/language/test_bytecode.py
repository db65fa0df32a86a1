"""The last check: bytecode that no transformed script needs is refused, whoever produced it."""

import pytest

from tocsin.sandbox import bytecode


@pytest.mark.parametrize(
    "source",
    [
        "x = a.b",
        "a.b = 1",
        "a.b()",
        "x = a[0]",
        "x = a[0:1]",
        "import os",
        "from os import path",
        "class A: pass",
        "x = a * b",
        "x = a ** b",
        "x = a << b",
        "x = a % b",
        "x += 1",
        "with a: pass",
        "match a:\n    case [1]: pass",
        "x: int = 1",
        "def f():\n    yield 1",
        "def f():\n    yield from a",
        "async def f(): pass",
        "async def f():\n    await a",
        "x = f'{a!r:>{b}}'",
        "_private = 1",
        "x = _private",
        "def f(_private): pass",
        "f = lambda: __import__('os')",
        "try:\n    pass\nexcept* A:\n    pass",
        "def f():\n    return lambda: a.b",
    ],
)
def test_untransformed_code_does_not_pass(source):
    """Each of these would be a hole in the transformer; the check does not trust it."""
    assert bytecode.foreign(compile(source, "x", "exec"), frozenset()) is not None


def test_python_s_own_names_do_not_pass_whatever_modules_there_are():
    """The dict of builtins is one for all turns of a worker."""
    code = compile("x = __builtins__", "x", "exec")
    assert bytecode.foreign(code, frozenset({"__builtins__"})) == "__builtins__"


@pytest.mark.parametrize(
    "source",
    [
        "x = [a for a in _getiter_(b) if a > 1 or not c]",
        "x = (a for a in _getiter_(b))",
        "def f(a, *b, c=1, **d):\n    global e\n    e = a\n    return lambda: (a, b, c, d)",
        "try:\n    f(1)\nexcept _exception_ as e:\n    raise\nfinally:\n    g(**h)",
        "while a < b:\n    if c is None: break\n    else: continue",
        "x = {1: a, **b}; y = [*a]; z = {*a}; s = f'{a}{b}'",
        "_write_(a)[1] = b; _write_(a)[1:2] = b; del _write_(a)[1]",
        "import_ = _import_('json'); _own = 1",
    ],
)
def test_transformed_code_passes(source):
    """The instructions scripts are made of."""
    assert bytecode.foreign(compile(source, "x", "exec"), frozenset({"_own"})) is None
