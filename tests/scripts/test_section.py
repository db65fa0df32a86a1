"""What may stand under `[scripts]`, and what one is told where it may not."""

from __future__ import annotations

import pytest

from tocsin.config import ConfigRefused, Section, load
from tocsin.scripts import ScriptsSection


class Root(Section):
    """A configuration of nothing but scripts."""

    scripts: ScriptsSection = ScriptsSection()


@pytest.fixture
def written(tmp_path):
    """Load a `[scripts]` table as it stands in tocsin.toml."""

    def read(text: str) -> ScriptsSection:
        (tmp_path / "tocsin.toml").write_text(f"[scripts]\n{text}\n")
        return load(tmp_path, Root).value.scripts

    return read


def test_every_key_has_a_default():
    """An empty table is a complete one."""
    section = ScriptsSection()

    assert (section.lockdown, section.cpu_ms, section.turn_ms, section.memory_mb) == (
        "required",
        250,
        2000,
        64,
    )
    assert (section.host_calls, section.log_kb, section.turns_per_call, section.call_minutes) == (
        32,
        16,
        100,
        15,
    )
    assert (section.dial, section.hosts, section.verbs) == ("contacts", (), ())


def test_patterns_hosts_and_verbs_are_kept_as_written(written):
    """They are matched where TwiML is checked."""
    section = written(
        'dial = ["+46*", "+4531223344"]\nhosts = ["media.example.com", "plant.example:8443"]\nverbs = ["Conference"]'
    )

    assert section.dial == ("+46*", "+4531223344")
    assert section.hosts == ("media.example.com", "plant.example:8443")
    assert section.verbs == ("Conference",)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            'dial = "anybody"',
            'tocsin.toml:2: scripts.dial: "anybody" is not known; write "contacts" or a list',
        ),
        ('dial = ["0701234567"]', '"0701234567" is not a number in E.164 form'),
        ('dial = ["*"]', '"*" is not a number in E.164 form'),
        ('hosts = ["https://media.example.com/x"]', "write only the host"),
        ('hosts = ["*.example.com"]', "write only the host"),
        ('verbs = ["Script"]', '"Script" is not a TwiML verb that can be allowed'),
        ("turn_ms = 300", "300 leaves scripts no time"),
        ("turn_ms = 20000", "tocsin.toml:2: scripts.turn_ms"),
        ("cpu_ms = 0", "tocsin.toml:2: scripts.cpu_ms"),
        ('lockdown = "off"', "tocsin.toml:2: scripts.lockdown"),
        ("cpu = 5", "tocsin.toml:2: scripts.cpu"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place_and_a_remedy(written, line, sentence):
    """One line says file, line, key, value and what to write instead."""
    with pytest.raises(ConfigRefused) as refused:
        written(line)

    assert sentence in str(refused.value)
