"""Commands as a user types them."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass

import pytest
import structlog

from tocsin import cli


@dataclass
class Done:
    """What a command left on the screen."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


@pytest.fixture
def tocsin(monkeypatch, capsys):
    """Run a command line in this process: `tocsin("check", "plant", typed="...")`."""

    def run(*arguments: object, typed: str = "") -> Done:
        monkeypatch.setattr(sys, "argv", ["tocsin", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        capsys.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        said = capsys.readouterr()
        assert "Traceback" not in said.err, said.err
        return Done(code, said.out, said.err)

    yield run
    structlog.reset_defaults()
