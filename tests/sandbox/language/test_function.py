"""Functions, lambdas, decorators, annotations."""

DECORATED = """\
def twice(f):
    def call_twice(*args, **options):
        return f(*args, **options) + f(*args, **options)
    return call_twice
@twice
def hello(name, /, *, mark="!"):
    return name + mark
result = hello("Maria", mark="?")
"""
ANNOTATED = """\
def first(values: list[str], count: "unknown.Name" = 1) -> nonsense[0]:
    total: int = count
    rest: dict[str, missing]
    return values[0] * total
limit: int = 3
result = first(["a"], count=limit)
"""


def test_functions_take_every_kind_of_argument(run):
    """And decorators are plain calls."""
    assert run(DECORATED)["result"] == "Maria?Maria?"


def test_annotations_are_read_by_people_only(run):
    """They are not evaluated, so a type that does not exist here harms nobody."""
    left = run(ANNOTATED)
    assert left["result"] == "aaa"
    assert "__annotations__" not in left


def test_a_decorator_reaches_nothing_a_call_does_not(error):
    """`@eval` is a name like any other: not there."""
    assert error("@eval\ndef g(): pass\n") == "NameError: name 'eval' is not defined"


def test_recursion_and_closures_work(value, run):
    """Up to Python's own limit."""
    assert run("def f(n):\n    return 1 if n < 2 else n * f(n - 1)\nresult = f(10)\n")["result"] == 3628800
    assert value("(lambda n: lambda m: n + m)(1)(2)") == 3


def test_a_docstring_is_allowed(run):
    """At the top of a script and of a function."""
    assert run('"""Greets."""\ndef f():\n    """Says hello."""\n    return 1\nresult = f()\n')["result"] == 1
