"""What the READMEs and guides have a newcomer type works, and answers as they say.

A ```console block holds commands (`$ tocsin ...`, `$ cd ...`, `$ curl ...`) and their answers, in which `...`
stands for lines or words left out; a block named after a file is written into it, or added where it is TOML.
A command that ends in `&` goes on running.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
from pathlib import Path

import httpx2
import pytest
from tests.serving import served

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(console|toml|python)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VARYING = re.compile(r"\b[0-9a-f]{6}\b")  # the id of a change, which follows from its times


ELSEWHERE = {"tocsin test"}  # tests/sample_project runs those conversations


def steps(text):
    """Yield the commands with their answers, and what is written into which file, in their order."""
    for kind, file, body in BLOCK.findall(text):
        if kind == "console":
            for command, answer in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", body, re.MULTILINE):
                yield command, answer.splitlines()
        elif file:
            yield file, body


def follows(said, shown):
    """Tell whether the lines shown are the lines said, `...` standing for any number of them, or any words."""
    if not shown:
        return not said
    if shown[0] == "...":
        return any(follows(said[skipped:], shown[1:]) for skipped in range(len(said) + 1))
    line = re.escape(shown[0]).replace(re.escape("..."), ".*")
    return bool(said) and re.fullmatch(line, said[0]) is not None and follows(said[1:], shown[1:])


class Terminal:
    """Somebody at a terminal, who types what a document says."""

    def __init__(self, tocsin, monkeypatch, running):
        self.tocsin, self.monkeypatch, self.running = tocsin, monkeypatch, running
        self.url = ""

    def types(self, command):
        """Carry a command out and return the lines of its answer."""
        program, *words = shlex.split(os.path.expandvars(command))
        if program == "cd":
            self.monkeypatch.chdir(words[0])
        elif program == "export":
            name, asked = re.fullmatch(r"export (\w+)=\$\((.*)\)", command).groups()
            self.monkeypatch.setenv(name, "\n".join(self.types(asked)))
        elif program == "curl":
            return self.curl(*words)
        elif words[-1] == "&":
            self.url, _ = self.running.enter_context(served(Path.cwd(), *words[1:-1], dev=False))
        else:
            assert program == "tocsin", command
            done = self.tocsin(*words)
            assert done.code in (0, 1), (command, done)
            return done.out.splitlines()
        return []

    def curl(self, url, *options):
        """Ask as curl would, the gateway that runs here."""
        given = dict(zip(options[::2], options[1::2], strict=True))
        name, _, value = given["-H"].partition(": ")
        url = url.replace("http://127.0.0.1:8088", self.url)
        return [httpx2.post(url, headers={name: value}, content=given["-d"]).text]


@pytest.mark.parametrize("document", ["README.md", "sample_project/README.md", "docs/alarms.md"])
def test_every_command_works_and_answers_as_shown(document, tocsin, tmp_path, monkeypatch):
    """On a fresh copy, from the first line to the last."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("getpass.getpass", lambda *_: "803511")  # no terminal here
    done = 0
    with contextlib.ExitStack() as running:
        terminal = Terminal(tocsin, monkeypatch, running)
        for command, more in steps((ROOT / document).read_text(encoding="utf-8")):
            if isinstance(more, str):
                file = Path(command)
                before = file.read_text(encoding="utf-8") + "\n" if file.exists() else ""
                file.write_text(before + more, encoding="utf-8")
            elif command not in ELSEWHERE:
                said = [VARYING.sub("", line).rstrip() for line in terminal.types(command)]
                assert follows(said, [VARYING.sub("", line) for line in more]), "\n".join([command, *said])
                done += 1
    assert done > 3
