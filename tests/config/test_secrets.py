"""Secrets come from three places and show themselves nowhere."""

from __future__ import annotations

import copy
import json
import os
import pickle
from typing import TYPE_CHECKING

import pytest

from tocsin.config import ConfigRefused, Loaded, Secret, Section, load

if TYPE_CHECKING:
    from pathlib import Path


class Profile(Section):
    token: Secret | None = None


class Root(Section):
    profile: Profile = Profile()


def loaded(folder: Path, token: str, environ: dict[str, str] | None = None) -> Loaded[Root]:
    (folder / "tocsin.toml").write_text(f"[profile]\ntoken = {token}\n")
    return load(folder, Root, environ=environ or {})


def token(folder: Path, written: str, environ: dict[str, str] | None = None) -> Secret:
    secret = loaded(folder, written, environ).value.profile.token
    assert secret is not None
    return secret


def test_the_three_forms(tmp_path: Path) -> None:
    """Literal, environment, file; the room that owns the key may refuse a literal."""
    (tmp_path / "token.txt").write_text("from the file\n")
    literal = token(tmp_path, '"in the open"')
    assert (literal.reveal(), literal.is_literal) == ("in the open", True)
    env = token(tmp_path, '{ env = "TOKEN" }', {"TOKEN": "from outside"})
    assert (env.reveal(), env.is_literal, env.origin) == ("from outside", False, "env TOKEN")
    file = token(tmp_path, '{ file = "token.txt" }')
    assert (file.reveal(), file.is_literal, file.origin) == ("from the file", False, "file token.txt")
    assert loaded(tmp_path, '{ file = "token.txt" }').beside.keys() == {tmp_path / "token.txt"}


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    """Not by repr, str, format, a model's repr or dump, pickle, or an error."""
    value = loaded(tmp_path, '"hunter2"').value
    secret = value.profile.token
    assert secret is not None
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        repr(value),
        value.model_dump_json(),
        repr(value.model_dump()),
    ]
    assert not [one for one in shown if "hunter2" in one]
    with pytest.raises(TypeError, match="never written out"):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)
    assert copy.deepcopy(value) == value


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            '{ env = "NOPE" }',
            "the environment variable NOPE is not set; set it for the gateway, or use { file = ... }",
        ),
        ('{ env = "EMPTY" }', "the environment variable EMPTY is empty; give it the secret"),
        (
            '{ file = "gone" }',
            'the secret file "gone" cannot be read (No such file or directory); check the path and who may read it',
        ),
        ('{ file = "." }', 'the secret file "." is not a regular file; give the path of a text file'),
        ('{ file = "pipe" }', 'the secret file "pipe" is not a regular file; give the path of a text file'),
        ('{ file = "empty" }', 'the secret file "empty" is empty; put the secret on its first line'),
        ('{ file = "bytes" }', 'the secret file "bytes" is not UTF-8 text; save it as UTF-8'),
        (
            '{ file = "big" }',
            'the secret file "big" is longer than 64 KiB, which is no secret; check the path',
        ),
        ('""', 'is empty; give text in quotes, { env = "NAME" } or { file = "path" }'),
        ("4711", 'expected text in quotes, { env = "NAME" } or { file = "path" }'),
        ("{ env = 4711 }", 'expected text in quotes, { env = "NAME" } or { file = "path" }'),
        ('["hunter2"]', 'expected text in quotes, { env = "NAME" } or { file = "path" }'),
    ],
)
def test_what_cannot_be_read_is_said_with_its_remedy(tmp_path: Path, written: str, said: str) -> None:
    """At start, not at the first alarm; and the value stays out of the sentence."""
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "bytes").write_bytes(b"\xff")
    (tmp_path / "big").write_text("x" * 70_000)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigRefused) as refused:
        loaded(tmp_path, written, {"EMPTY": ""})
    assert str(refused.value) == f"tocsin.toml:2: profile.token: {said}"
    assert "hunter2" not in str(refused.value)
    assert "4711" not in str(refused.value)


def test_with_a_stand_in_no_secret_is_read(tmp_path: Path) -> None:
    """Tests load a real plant's configuration on machines that have none of its secrets."""
    (tmp_path / "tocsin.toml").write_text('[profile]\ntoken = { file = "/run/secrets/of/nobody" }\n')
    secret = load(tmp_path, Root, environ={}, stand_in=str.upper).value.profile.token

    assert secret is not None
    assert (secret.reveal(), secret.origin) == ("FILE /RUN/SECRETS/OF/NOBODY", "file /run/secrets/of/nobody")


def test_a_secret_that_is_there_is_read_where_just_missing_ones_are_made_up(tmp_path: Path) -> None:
    """Commands run where the secrets of the service are not; each made-up one says why it is one."""
    (tmp_path / "tocsin.toml").write_text('[profile]\ntoken = { env = "TOKEN" }\n')

    def read(environ: dict[str, str]) -> Secret:
        value = load(tmp_path, Root, environ=environ, stand_in=str.upper, only_missing=True).value
        assert value.profile.token is not None
        return value.profile.token

    there, missing = read({"TOKEN": "real"}), read({})

    assert (there.reveal(), there.made_up) == ("real", "")
    assert (missing.reveal(), missing.origin) == ("ENV TOKEN", "env TOKEN")
    assert missing.made_up.startswith("the environment variable TOKEN is not set")
