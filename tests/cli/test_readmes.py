"""What the READMEs have a newcomer type works, and answers as they say.

A ```console block holds commands (`$ tocsin ...`, `$ cd ...`) and their answers, in which `...` stands for
lines left out; a block named after a file is written into it, or added where it is TOML. A command that
ends in `&` goes on running.
"""

from __future__ import annotations

import contextlib
import re
import shlex
from pathlib import Path

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
    """Tell whether the lines shown are the lines said, `...` standing for any number of them."""
    if not shown:
        return not said
    if shown[0] == "...":
        return any(follows(said[skipped:], shown[1:]) for skipped in range(len(said) + 1))
    return bool(said) and said[0].rstrip() == shown[0] and follows(said[1:], shown[1:])


@pytest.mark.parametrize("readme", ["README.md", "sample_project/README.md"])
def test_every_command_works_and_answers_as_shown(readme, tocsin, tmp_path, monkeypatch):
    """On a fresh copy, from the first line to the last."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("getpass.getpass", lambda *_: "803511")  # no terminal here
    done = 0
    with contextlib.ExitStack() as running:
        for command, more in steps((ROOT / readme).read_text(encoding="utf-8")):
            if isinstance(more, str):
                file = Path(command)
                before = file.read_text(encoding="utf-8") + "\n" if file.exists() else ""
                file.write_text(before + more, encoding="utf-8")
                continue
            program, *words = shlex.split(command)
            if command in ELSEWHERE:
                continue
            if program == "cd":
                monkeypatch.chdir(words[0])
            elif words[-1] == "&":
                running.enter_context(served(Path.cwd(), *words[1:-1], dev=False))
            else:
                assert program == "tocsin", command
                answer = tocsin(*words)
                assert answer.code in (0, 1), (command, answer)
                said, shown = (
                    [VARYING.sub("", line).rstrip() for line in lines]
                    for lines in (answer.out.splitlines(), more)
                )
                assert follows(said, shown), f"{command}\n{answer.all}"
            done += 1
    assert done > 3
