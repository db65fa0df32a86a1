"""`tocsin test`: what it says where there is nothing to run, and what its exit code tells."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from tests.plant import write_project

from tocsin.cli import testing as command
from tocsin.errors import TocsinError


@pytest.fixture
def project(tmp_path):
    return write_project(tmp_path / "plant")


def refusal(*given):
    """Return the sentence with which the command ends."""
    outcome = CliRunner().invoke(command.test, [str(one) for one in given])
    assert isinstance(outcome.exception, TocsinError), outcome.output
    return str(outcome.exception)


def test_without_pytest_it_says_how_to_get_it(project, monkeypatch):
    """pytest is no dependency of a gateway that only answers calls."""
    monkeypatch.setattr(command, "find_spec", lambda _: None)

    assert refusal(project).endswith("which is not installed: pip install 'tocsin[testing]'")


def test_a_folder_without_project_or_tests(project, tmp_path):
    """The sentence says what is missing, and where the first test would stand."""
    assert refusal(tmp_path) == f"{tmp_path} is no project: it has no tocsin.toml; name a project's folder"
    first = project / "tests" / "test_greeting.py"
    assert refusal(project) == f"{project} has no tests; write the first in {first}"


def test_options_go_to_pytest_with_and_without_a_folder(project, monkeypatch):
    """`tocsin test -x` is the project one stands in."""
    given = []
    monkeypatch.setattr("pytest.main", lambda options: given.append(options) or 1)
    (project / "tests").mkdir()
    monkeypatch.chdir(project)

    assert CliRunner().invoke(command.test, ["-x", "-k", "greeting"]).exit_code == 1
    assert CliRunner().invoke(command.test, [str(project), "-x"]).exit_code == 1
    assert given == [
        ["-p", "tocsin.testing", "--rootdir", ".", "-x", "-k", "greeting", "tests"],
        ["-p", "tocsin.testing", "--rootdir", str(project), "-x", str(project / "tests")],
    ]


@pytest.mark.parametrize(("code", "meaning"), [(0, 0), (1, 1), (2, 130), (3, 2), (4, 2)])
def test_exit_codes_are_those_of_every_command(project, monkeypatch, code, meaning):
    """0 well, 1 findings, 2 wrong use."""
    monkeypatch.setattr("pytest.main", lambda _: code)
    (project / "tests").mkdir()

    assert CliRunner().invoke(command.test, [str(project)]).exit_code == meaning


def test_a_folder_of_tests_without_a_test(project, monkeypatch):
    """Nothing was tested, which is not well."""
    monkeypatch.setattr("pytest.main", lambda _: 5)
    (project / "tests").mkdir()

    assert "no test was found" in refusal(project)
