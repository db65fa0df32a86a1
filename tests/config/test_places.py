"""Lines of keys: the grammar's view must agree with tomllib's on every shape TOML can write a key in."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.config import Places, written
from tocsin.config.places import key_lines, set_twice
from tocsin.config.toml_files import TomlFile

TEXT = """\
top.level."with dot.inside" = 1

[plain]
a = 1
'literal key' = { x = 1, y.z = [ 10,
   20,  # a comment
   { deep = true },
] }

[[array.of.tables]]
v = 1
[array.of.tables.sub]
w = [[1], [2,
3]]
[[array.of.tables]]
v = 2
[[array.of.tables.inner]]
u = 1
[[array.of.tables.inner]]
u = 2
["quoted \\"and\\" \\u00e5"]
k = \"\"\"
many
lines\"\"\"
last = 1
"""


def places(text: str, name: str = "tocsin.toml") -> Places:
    return Places([TomlFile(name, text, tomllib.loads(text))])


def test_every_shape_of_key_has_its_line() -> None:
    """Dotted, quoted and inline keys, arrays over several lines, tables in arrays of tables."""
    of = places(TEXT)
    expected = {
        ("top", "level", "with dot.inside"): 1,
        ("plain",): 3,
        ("plain", "a"): 4,
        ("plain", "literal key", "x"): 5,
        ("plain", "literal key", "y", "z", 0): 5,
        ("plain", "literal key", "y", "z", 1): 6,
        ("plain", "literal key", "y", "z", 2, "deep"): 7,
        ("array", "of", "tables", 0): 10,
        ("array", "of", "tables", 0, "v"): 11,
        ("array", "of", "tables", 0, "sub", "w", 1, 0): 13,
        ("array", "of", "tables", 0, "sub", "w", 1, 1): 14,
        ("array", "of", "tables", 1, "v"): 16,
        ("array", "of", "tables", 1, "inner", 0, "u"): 18,
        ("array", "of", "tables", 1, "inner", 1, "u"): 20,
        ('quoted "and" å',): 21,
        ('quoted "and" å', "last"): 25,
    }
    assert {path: of.line(path) for path in expected} == {
        path: ("tocsin.toml", line) for path, line in expected.items()
    }


def test_what_is_not_there_has_the_line_of_the_table_around_it() -> None:
    """A missing key points to the heading under which it belongs."""
    of = places(TEXT)
    assert of.line(("plain", "missing")) == ("tocsin.toml", 3)
    assert of.line(("array", "of", "tables", 1, "missing")) == ("tocsin.toml", 15)
    assert of.line(("nowhere", "at", "all")) == ("tocsin.toml", None)
    assert of.source("tocsin.toml", 4) == "a = 1"
    assert of.source("tocsin.toml", 400) == ""


def test_paths_are_written_as_toml_writes_them() -> None:
    """So that a reader can search the file for them."""
    assert written(("users", "maria", "contacts", 0, "value")) == "users.maria.contacts[0].value"
    assert written(("alarms", 'Plant/"Pump 2"', "mode")) == 'alarms."Plant/\\"Pump 2\\"".mode'
    assert tomllib.loads(written(("a", 'tab\t \\ "q" \x7f', "å")) + " = 1") == {
        "a": {'tab\t \\ "q" \x7f': {"å": 1}}
    }


def test_a_key_set_twice_is_found_where_the_parser_only_says_that_it_is() -> None:
    """Arrays of tables and the tables around a dotted key are no repetitions."""
    assert set_twice(TEXT) is None
    assert set_twice("a.b = 1\na.c = 1\n[x]\n[x.y]\n[[z]]\n[[z]]\n[q.r]\n[q]") is None
    assert set_twice("[x]\na = 1\nb = 2\na = 3") == ("x.a", 2, 4)


KEYS = st.text(min_size=1, max_size=6) | st.sampled_from(["a", "b", "users"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.integers(-5, 5) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def paths_of(value: Any, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    found = {path} if path else set()
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found |= paths_of(inner, (*path, key))
    return found


def inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written((key,))} = {inline(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(map(inline, value)) + "]"
    return str(value).lower()


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=3), max_size=3))
@settings(max_examples=150, deadline=None)
def test_the_grammar_finds_exactly_the_keys_that_tomllib_finds(data: dict[str, dict[str, Any]]) -> None:
    """No key is without a line and no line without a key, whatever the keys are called."""
    text = "".join(
        f"[{written((table,))}]\n"
        + "".join(f"{written((key,))} = {inline(value)}\n" for key, value in keys.items())
        for table, keys in data.items()
    )
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:  # lone surrogates and the like cannot be written
        return
    assert {path for path, _, _ in key_lines(text)} == paths_of(parsed)
