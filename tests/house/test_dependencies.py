"""What the package imports is what the project declares, no less and no more."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

LOADED_BY_NAME = {"tzdata", "uvloop", "httptools"}
"""Found by others at run time: the time zones by zoneinfo, the two by uvicorn's options."""


PART_OF = {"pydantic-core": "pydantic"}
"""Released in lockstep with its owner, which pins it exactly; declaring both would let them drift."""


def name_of(requirement):
    return re.match(r"[A-Za-z0-9._-]+", requirement).group().lower().replace("_", "-")


def imported():
    for path in (ROOT / "runtime/tocsin").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield node.module.partition(".")[0]


def distributions():
    known = packages_distributions()
    names = set(imported()) - set(sys.stdlib_module_names) - {"tocsin"}
    found = {name: {one.lower().replace("_", "-") for one in known.get(name, [name])} for name in names}
    return {name: {PART_OF.get(one, one) for one in owners} for name, owners in found.items()}


def test_every_import_is_declared():
    """A library that only happens to be installed, as somebody else's dependency, is not relied upon."""
    declared = {name_of(one) for one in PROJECT["dependencies"]}
    optional = {name_of(one) for extra in PROJECT["optional-dependencies"].values() for one in extra}

    assert {name: found for name, found in distributions().items() if not found & (declared | optional)} == {}


def test_every_extra_is_named_in_a_guide_as_it_is_installed():
    """What the wheel leaves out is asked for by a name in brackets; who does not know it has a traceback."""
    guides = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    extras = [*PROJECT["optional-dependencies"]]
    assert extras
    assert [
        one for one in extras if f"pip install 'tocsin-0.1.0-py3-none-any.whl[{one}]'" not in guides
    ] == []


def test_every_declared_dependency_is_used():
    """A library that nothing imports any more leaves the project."""
    used = {one for found in distributions().values() for one in found}

    assert {name_of(one) for one in PROJECT["dependencies"]} - used - LOADED_BY_NAME == set()
