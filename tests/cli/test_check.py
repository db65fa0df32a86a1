"""`tocsin check` finds what is wrong in every project of a configuration, and says each thing once."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

from tests.plant import MARIA, TOKEN, TOML, write_project

from tocsin.config import shipped
from tocsin.gateway.checks import read

SECOND = """
[voice_profiles.other]
twilio_profile = "plant"
project = "annexe"
"""


def tocsin(*arguments, at):
    """Run one command of the program in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "tocsin", *arguments],
        cwd=at,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_every_project_is_tried_and_findings_name_its_folder(tmp_path):
    """A second voice profile's scripts fail too; the line tells in which folder."""
    folder = write_project(tmp_path / "plant", {"10.py": "response = ''\n"}, more=SECOND)
    text = (folder / "tocsin.toml").read_text()
    (folder / "tocsin.toml").write_text(text.replace("api_base", 'inbound = "phone"\napi_base'))
    write_project(folder / "annexe", {"20_wrong.py": "there = 1\nx = there / 0\n"})
    (folder / "annexe" / "tocsin.toml").unlink()

    done = tocsin("check", "--json", at=folder)

    (finding,) = json.loads(done.stdout)
    assert (finding["file"], finding["line"]) == ("annexe/twilio_scripts/20_wrong.py", 2)
    assert "division by zero" in finding["message"]
    assert done.returncode == 1


def test_a_key_that_a_script_takes_once_an_alarm_was_read_is_tried(tmp_path):
    """So is what follows the choice of an alarm: the same questions that a call puts before them are put first."""
    script = (
        'if callAction == "menu" and Digits == "8" and session.get("expects") in ("alarm", "menu"):\n'
        "    undefined_name + 1\n"
        'if callAction == "ack" and session.get("wanted"):\n'
        "    response = VoiceResponse()\n"
        '    response.dial("+15551234567")\n'
    )
    folder = write_project(tmp_path / "plant", {"10.py": script})

    done = tocsin("check", "--json", at=folder)

    found = {(one["file"], one["line"]): one["message"] for one in json.loads(done.stdout)}
    assert set(found) == {("twilio_scripts/10.py", 2), ("twilio_scripts/10.py", 4)}
    assert "undefined_name" in found["twilio_scripts/10.py", 2]
    assert "(tocsin call menu -p Digits=8, after answer, menu)" in found["twilio_scripts/10.py", 2]
    assert "(tocsin call ack, after answer, menu, menu)" in found["twilio_scripts/10.py", 4]
    assert done.returncode == 1


def test_a_recipe_with_a_number_that_scripts_may_not_reach_is_found(tmp_path):
    """Who forgets to change the number hears of it from the command, not from a call."""
    source = (shipped("user_scripts") / "recipes" / "dial_the_lead.py").read_text()
    folder = write_project(tmp_path / "plant", {"05_dial_the_lead.py": source})

    done = tocsin("check", at=folder)

    assert "this number is not among those that scripts may reach" in done.stdout
    assert done.returncode == 1


def test_a_failing_script_is_told_once(tmp_path):
    """The finding is the result; the log has nothing to add to it."""
    folder = write_project(tmp_path / "plant", {"10.py": "x = 1 / 0\n"})

    done = tocsin("check", at=folder)

    assert done.stdout.count("twilio_scripts/10.py:1: ") == 1
    assert done.stderr == ""
    tried = tocsin("call", "answer", at=folder)
    assert tried.stderr.count("division by zero") == 1
    assert "script-failed" not in tried.stderr


def test_a_database_with_a_password_in_the_file_is_refused_with_a_real_profile(tmp_path):
    """Like every other secret: the file may be shown to others."""
    folder = write_project(tmp_path / "plant")
    real = (
        TOML.replace('api_base = "emulator"\n', "")
        .replace('pin = "4711"\n', "")
        .replace('pin = "9163"\n', "")
    )
    url = 'database = "postgresql://tocsin:hunter2@db.example.com/tocsin"'
    (folder / "token").write_text("0123456789abcdef0123456789abcdef")
    real = real.replace('auth_token = "0123456789abcdef0123456789abcdef"', 'auth_token = { file = "token" }')
    (folder / "tocsin.toml").write_text(real.replace("[gateway]", f"[gateway]\n{url}"))

    done = tocsin("check", at=folder)

    assert done.returncode == 1
    assert "tocsin.toml:3: gateway.database: is written into the file" in done.stdout
    assert 'env = "DATABASE_URL"' in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_an_address_of_the_database_that_is_none_is_a_finding(tmp_path):
    """An @ in a password cuts the address in two; no piece of it is shown."""
    folder = write_project(tmp_path / "plant")
    toml = folder / "tocsin.toml"
    toml.write_text(
        toml.read_text().replace("[gateway]", '[gateway]\ndatabase = "postgresql://me:a@b:hunter2@x/y"')
    )

    done = tocsin("check", "--json", at=folder)

    (finding,) = json.loads(done.stdout)
    assert (finding["file"], finding["line"]) == ("tocsin.toml", 3)
    assert "%40 for @" in finding["message"]
    assert "hunter2" not in done.stdout + done.stderr


def test_advice_is_never_refused_itself(tmp_path):
    """A bare port is no address, and infinity in quotes no setpoint."""
    folder = write_project(tmp_path / "plant", more="setpointA = inf\n")
    toml = folder / "tocsin.toml"
    toml.write_text(toml.read_text().replace("[gateway]", "[gateway]\nlisten = 8088"))

    done = tocsin("check", at=folder)

    assert (
        'gateway.listen: 8088 is not an address to listen on; write host:port, such as "127.0.0.1:8088"'
        in (done.stdout)
    )
    assert "setpointA" in done.stdout
    assert 'write "inf"' not in done.stdout


def test_a_key_that_is_not_used_yet_is_a_warning_with_its_line(tmp_path):
    """Recordings are removed by nobody: whoever set for how long they stay is told, and the rest is fine."""
    folder = write_project(tmp_path / "plant", more="[retention]\nrecordings_days = 0\n")
    at = (folder / "tocsin.toml").read_text().splitlines().index("recordings_days = 0") + 1

    done = tocsin("check", at=folder)

    assert done.returncode == 0
    assert f"tocsin.toml:{at}: retention.recordings_days: is not used yet: delete recordings at Twilio" in (
        done.stdout
    )


def test_numbers_of_the_sample_are_doubted_once_calls_are_real(tmp_path, monkeypatch):
    """They are never given out, so whoever is left from the sample is rung in vain."""
    monkeypatch.setenv("TOKEN_OF_A_TEST", "0" * 32)
    real = TOML.replace('api_base = "emulator"', "").replace(f'"{TOKEN}"', '{ env = "TOKEN_OF_A_TEST" }')
    real = re.sub(r'pin = "\d+"\n', "", real).replace(MARIA, "+46701740606")
    (tmp_path / "tocsin.toml").write_text(real.replace('project = "."', ""))

    found = [one for one in read(tmp_path)[1] if "films and examples" in one.message]
    assert [(one.severity, "users.maria.contacts[0].value" in str(one)) for one in found] == [
        ("warning", True)
    ]

    (tmp_path / "tocsin.toml").write_text(TOML.replace(MARIA, "+46701740606").replace('project = "."', ""))
    assert "films and examples" not in str(read(tmp_path)[1])
