"""The shape of the code: sizes, complexity and docstrings that say something.

A file that a tool wrote carries `@generated` in its first five lines and is measured by nobody.
"""

import ast
import re
from pathlib import Path

import pytest
from radon.complexity import cc_rank, cc_visit

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE, LONGEST_FUNCTION = 600, 80


def sources(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if "@generated" not in "".join(text.splitlines(keepends=True)[:5]):
                yield path.relative_to(ROOT).as_posix(), text


PRODUCT = dict(sources("runtime", "tools", "user_scripts", "sample_project", "bench"))
TESTS = {name: text for name, text in sources("tests") if "/corpus/" not in name}


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_no_file_is_longer_than_600_lines():
    """Longer than that, a file is two."""
    sizes = {name: len(text.splitlines()) for name, text in {**PRODUCT, **TESTS}.items()}

    assert {name: size for name, size in sizes.items() if size > LONGEST_FILE} == {}


def test_no_function_is_longer_than_80_lines():
    """Longer than that, nobody sees it whole."""
    long = [
        f"{name}:{node.lineno} {node.name}"
        for name, text in {**PRODUCT, **TESTS}.items()
        for node in functions(ast.parse(text))
        if node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]

    assert long == []


def test_nothing_reads_what_lies_beside_the_repository():
    """A folder that is counted upwards from a file is never above the root, so every clone has the same tests."""
    above = [
        f"{name}: parents[{number}]"
        for name, text in {**PRODUCT, **TESTS}.items()
        for number in re.findall(r"\bparents\[(\d+)\]", text)
        if int(number) >= len(Path(name).parts)
    ]

    assert above == []


def test_no_function_is_as_tangled_as_grade_d():
    """Cyclomatic complexity stays at 20 or below (radon's grades A to C)."""
    tangled = [
        f"{name}:{block.lineno} {block.name} is {block.complexity}"
        for name, text in PRODUCT.items()
        for block in cc_visit(text)
        if cc_rank(block.complexity) > "C"
    ]

    assert tangled == []


def says_something(docstring, name):
    """Whether the docstring holds a word that is neither in the name nor filling."""
    named = {word.lower() for word in re.findall(r"[A-Za-z][a-z]*", name)}
    said = {word.lower().rstrip("s") for word in re.findall(r"[A-Za-z]{2,}", docstring or "")}
    return len(said - named - {word.rstrip("s") for word in named} - {"the", "an", "of", "to"}) >= 1


@pytest.mark.parametrize("docstring", [None, "", "Stop.", "Stop the pump.", "Stops the Pump"])
def test_a_docstring_that_repeats_the_name_counts_as_none(docstring):
    """The rule below can fail: it knows an echo when it sees one."""
    assert not says_something(docstring, "stop_pump")


def test_every_module_says_what_lives_there():
    """A reader new to a room learns from the first lines what is in it."""
    silent = [
        name
        for name, text in {**PRODUCT, **TESTS}.items()
        if text.strip()
        and not name.startswith(("sample_project/", "user_scripts/", "bench/scripts/"))
        and not says_something(ast.get_docstring(ast.parse(text)), Path(name).stem)
    ]

    assert silent == []


def methods(node):
    return [one for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]


def public(tree):
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name[0] != "_":
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (one for one in methods(node) if one.name[0] != "_" and not overridden(one))


def overridden(node):
    """Whether another class gave this method its name and meaning, as ast.NodeVisitor does."""
    if node.name.startswith("visit_"):
        return True
    marks = {ast.unparse(mark).rpartition(".")[2] for mark in node.decorator_list}
    return bool(marks & {"overload", "override", "setter"})


def test_every_public_name_has_a_docstring_that_adds_to_its_name():
    """A docstring tells what the name does not: what, in which unit, raising what."""
    silent = [
        f"{name}:{node.lineno} {node.name}"
        for name, text in PRODUCT.items()
        if name.startswith("runtime/")
        for node in public(ast.parse(text))
        if not says_something(ast.get_docstring(node), node.name)
    ]

    assert silent == []


def test_every_test_states_the_behaviour_it_holds():
    """The docstrings of a test file, read in order, tell what the room promises."""
    silent = [
        f"{name}:{node.lineno} {node.name}"
        for name, text in TESTS.items()
        for node in functions(ast.parse(text))
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]

    assert silent == []
