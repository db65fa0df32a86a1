"""Nothing a script can reach leads to a module, a frame, a function's globals or a type.

Walks from everything a script starts with along every name the guard for attributes gives out, including
what harmless calls return, and looks at each object on the way.
"""

import datetime
import json
import re
import time
import types

import pytest

from tocsin.sandbox import attributes
from tocsin.sandbox.guards import Guards
from tocsin.sandbox.namespaces import Namespace, TypeName

SAMPLES = [
    "text",
    7,
    True,
    1.5,
    None,
    [1],
    (1,),
    {"a": 1},
    {1},
    frozenset({1}),
    range(3),
    (n for n in [1]),
    datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC),
    datetime.date(2026, 11, 22),
    datetime.time(3),
    datetime.timedelta(1),
    datetime.UTC,
    time.gmtime(0),
    re.match("a", "a"),
    re.compile("a"),
    ValueError("x"),
    json.JSONDecodeError("m", "doc", 0),
    lambda: 1,
    len,
    "text".upper,
    {}.items(),
    enumerate([]),
    zip(),
]
FORBIDDEN = (
    types.ModuleType,
    types.FrameType,
    types.CodeType,
    types.TracebackType,
    types.MappingProxyType,
    types.CellType,
    property,
    staticmethod,
    classmethod,
)


def members(guards, thing):
    """Give every attribute of an object that the guard gives out, by whatever name Python knows."""
    names = set(dir(thing)) | {"__class__", "__dict__", "__globals__", "__self__", "gi_frame", "obj", "real"}
    if type(thing) in (Namespace, TypeName):
        names |= set(thing.members)
    for name in names:
        try:
            yield name, guards.read(thing, name)
        except AttributeError:
            continue


def reachable(guards):
    """Walk breadth first from the globals of a fresh script."""
    start = guards.globals({}, lambda name: None, lambda line: None)
    waiting = [(name, each) for name, each in guards.builtins.items() if not name.startswith("_")]
    waiting += [(name, each) for name, each in start.items() if not name.startswith("_")]
    waiting += [
        (f"import {name}", start["_import_"](name)) for name in ("math", "datetime", "time", "re", "json")
    ]
    waiting += [(f"import {name}", start["_import_"](name)) for name in ("random", "html", "urllib.parse")]
    waiting += [(repr(each)[:20], each) for each in SAMPLES]
    seen = set()
    while waiting:
        path, thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        yield path, thing
        waiting.extend((f"{path}.{name}", each) for name, each in members(guards, thing))


@pytest.fixture(scope="module")
def found():
    return list(reachable(Guards()))


def test_no_object_on_any_path_opens_the_interpreter(found):
    """The only types are exception classes, which `except` needs and whose attributes are closed."""
    assert len(found) > 300
    wrong = [
        path
        for path, thing in found
        if isinstance(thing, FORBIDDEN) or (isinstance(thing, type) and not issubclass(thing, Exception))
    ]

    assert wrong == []


def test_no_name_that_starts_with_an_underscore_is_given_out(found):
    """On any object on any path."""
    assert [path for path, _ in found if "._" in path] == []


def test_every_name_in_the_tables_exists():
    """A misspelt entry would allow nothing and mislead the reader."""
    for kind, names in attributes.READABLE.items():
        if not issubclass(kind, Exception):  # theirs are on the instances
            assert [name for name in names if not hasattr(kind, name)] == []


def test_an_object_of_a_derived_type_has_no_attributes():
    """The table goes by the exact type, so a subclass starts with nothing."""

    class Lying(str):
        __slots__ = ()

    with pytest.raises(AttributeError, match="a Lying has no 'upper' that scripts may use"):
        Guards().read(Lying("x"), "upper")
