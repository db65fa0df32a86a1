"""What every test of the script language needs: compile, run, and a few words to run with."""

from __future__ import annotations

import pytest

from tocsin.sandbox.guards import Guards
from tocsin.sandbox.namespaces import Namespace
from tocsin.sandbox.policy import Compiled, compile_script
from tocsin.sandbox.script import Script

NAME = "20_menu.py"


class Call:
    """Stands for an object of a vocabulary: one readable attribute, one method, one secret."""

    def __init__(self):
        self.language = "en-US"
        self.secret = "token"

    def url(self, action):
        return f"/twilio-voice/{action}"


class Session:
    """Stands for a writable object of a vocabulary."""

    def __init__(self):
        self.values = {}

    def __getitem__(self, key):
        return self.values[key]

    def __setitem__(self, key, value):
        self.values[key] = value

    def __delitem__(self, key):
        del self.values[key]

    def __iter__(self):
        return iter(self.values)


class Params(dict):
    """Stands for a read-only mapping made by deriving from dict."""


GUARDS = Guards(
    {Call: frozenset({"language", "url"}), Session: frozenset(), Params: frozenset({"get"})},
    frozenset({Session}),
)


@pytest.fixture
def problems():
    """Compile a source that must be refused; give `line: message` of each problem."""

    def refused(source, modules=frozenset()):
        found = compile_script(Script(NAME, source), frozenset(modules))
        assert isinstance(found, list), "this should have been refused"
        assert found
        return [f"{each.line}: {each.message}" for each in found]

    return refused


@pytest.fixture
def compiled():
    """Compile a source that must be accepted."""

    def accepted(source, modules=frozenset()):
        found = compile_script(Script(NAME, source), frozenset(modules))
        assert isinstance(found, Compiled), found
        return found

    return accepted


@pytest.fixture
def run(compiled):
    """Run a source; give the globals it left. `printed` collects its lines, `modules` what it may import."""

    def execute(source, *, printed=None, modules=None, **words):
        own = modules or {}

        def load(name):
            return Namespace(name, execute(own[name], modules=own)) if name in own else None

        script_globals = GUARDS.globals(
            {"call": Call(), "session": Session(), "params": Params(From="+46701234567"), **words},
            load,
            (printed if printed is not None else []).append,
        )
        exec(compiled(source, modules=own).code, script_globals)
        return script_globals

    return execute


@pytest.fixture
def value(run):
    """Evaluate one expression in the script language."""
    return lambda expression, **words: run(f"result = {expression}", **words)["result"]


@pytest.fixture
def error(run):
    """Run a source that must raise; give `TypeName: text`."""

    def raised(source, **words):
        with pytest.raises(Exception) as caught:
            run(source, **words)
        return f"{type(caught.value).__name__}: {caught.value}"

    return raised
