"""`tocsin test`: a project's conversation tests, run by pytest with the kit switched on."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import click

from tocsin.errors import TocsinError

_EXIT_CODES = {0: 0, 1: 1, 2: 130}
"""What pytest's exit codes mean here: all is well, findings, interrupted; anything else is wrong usage."""


class NoPytest(TocsinError):  # noqa: N818  it says what is the case
    """The library that runs tests is not installed."""


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    options_metavar="[FOLDER] [PYTEST OPTIONS]",
)
@click.argument("given", nargs=-1, type=click.UNPROCESSED, metavar="")
def test(given: tuple[str, ...]) -> None:
    """Run the conversation tests in FOLDER/tests; nothing real is called.

    Options go to pytest: tocsin test . -k greeting -x
    """
    named = bool(given) and not given[0].startswith("-")
    folder, options = (Path(given[0]), given[1:]) if named else (Path(), given)
    if find_spec("pytest") is None:
        raise NoPytest("tests are run by pytest, which is not installed: pip install 'tocsin[testing]'")
    tests = folder / "tests"
    if not (folder / "tocsin.toml").is_file():
        raise TocsinError(f"{folder} is no project: it has no tocsin.toml; name a project's folder")
    if not tests.is_dir():
        raise TocsinError(f"{folder} has no tests; write the first in {tests / 'test_greeting.py'}")
    import pytest

    code = int(pytest.main(["-p", "tocsin.testing", "--rootdir", str(folder), *options, str(tests)]))
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        raise TocsinError(f"no test was found in {tests}; a test's file and name begin with test_")
    sys.exit(_EXIT_CODES.get(code, 2))
