"""Every key that the configuration takes is used, or says that it is not used yet."""

from __future__ import annotations

import ast
from pathlib import Path

from tocsin.config.reference import tables
from tocsin.gateway.configuration import Configuration

PACKAGE = Path(__file__).resolve().parents[2] / "runtime" / "tocsin"
CHECKING = {"crosscheck.py", "crosschecks.py", "checks.py"}  # that a key is looked at uses nothing

WAITING = {
    "AlarmSection": {
        "enabled", "tag", "mode", "setpoint_a", "setpoint_b", "inclusive_a", "inclusive_b", "any_change",
        "bit_position", "bit_on_zero", "active_condition", "deadband", "deadband_mode", "time_on_delay_seconds",
        "time_off_delay_seconds", "custom_email_subject", "custom_email_message",
    },
    "RetentionSection": {"recordings_days"},
}  # fmt: skip
"""Sections and the keys that wait for what is not built yet: tags, e-mail, removing recordings."""


def names_read():
    """Give every attribute that is read anywhere in the package but where keys are only checked."""
    trees = [
        ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py") if path.name not in CHECKING
    ]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return {node.attr for node in nodes if isinstance(node.ctx, ast.Load)}


def sections():
    return {Configuration} | {section for _, section in tables(Configuration)}


def test_every_key_is_read_somewhere_or_waits():
    """Whoever sets a key that is accepted believes that it counts."""
    read = names_read()
    unread = {
        f"{one.__name__}.{name}"
        for one in sections()
        for name in one.model_fields.keys() - WAITING.get(one.__name__, set())
        if name not in read
    }
    assert unread == set()


def test_exactly_the_keys_that_wait_are_described_so():
    """The reference page, which is made of the descriptions, promises nothing that is not done."""
    described = {
        one.__name__: waiting
        for one in sections()
        if (
            waiting := {
                name
                for name, field in one.model_fields.items()
                if (field.description or "").startswith("Not used yet: ")
            }
        )
    }
    assert described == WAITING
