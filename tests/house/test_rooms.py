"""The map of rooms in CONTRIBUTING is the package as it is: rooms, layers, libraries and tests."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "runtime/tocsin"
MAP = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TABLE = MAP.partition("<!-- rooms: begin -->")[2].partition("<!-- rooms: end -->")[0]
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in TABLE.splitlines() if "`" in line]
ROOMS = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
EVERYWHERE = {"structlog"}
DISTRIBUTIONS = packages_distributions()


def distribution(module):
    """Give the name of what has to be installed for a module; pydantic's core belongs to pydantic."""
    return DISTRIBUTIONS[module][0].lower().replace("_", "-").removesuffix("-core")


def imported(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []


def libraries_of(room):
    """Give what the files of a room import of others than tocsin and Python."""
    tops = {
        name.partition(".")[0]
        for path in (PACKAGE / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in imported(node)
    }
    return {distribution(top) for top in tops - sys.stdlib_module_names - {"tocsin"}} - EVERYWHERE


def test_every_room_stands_in_the_map():
    """And the layers are those that are enforced."""
    mapped = {name for row in ROWS for name in re.findall(r"`(\w+)`", row[0])}
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    drawn = next(
        block
        for block in re.findall(r"^```\n(.*?)^```", MAP, re.MULTILINE | re.DOTALL)
        if "errors | clock" in block
    )

    assert mapped == ROOMS | {"errors", "clock"}
    assert drawn.splitlines() == [re.sub(r"[()]", "", layer) for layer in layers]


def test_the_map_names_the_libraries_that_a_room_imports():
    """All of them, and no other."""
    stated = {
        row[0].strip("`"): set(filter(None, row[2].lower().split(", ")))
        for row in ROWS
        if row[0].strip("`") in ROOMS
    }

    assert stated == {room: libraries_of(room) for room in ROOMS}


def test_the_map_names_every_folder_of_tests():
    """A newcomer finds what holds a room, and which room a test belongs to; every path is there."""
    paths = set(
        re.findall(r"`((?:tests|tools|docs|user_scripts|sample_project|bench|runtime)/[\w/.]*)`", MAP)
    )
    folders = {
        path.parent.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").glob("*/**/test_*.py")
    }

    assert {path for path in paths if not (ROOT / path).exists()} == set()
    assert {f"tests/{name}" for name in folders} <= {path.rstrip("/") for path in paths}
