"""The guide to answering by text says what is so."""

from __future__ import annotations

import re
from pathlib import Path

from tocsin.calls.replying.grammar import read_reply

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "texting.md").read_text(encoding="utf-8")
CODES = ("47", "48", "51", "89")


def test_every_form_in_the_guide_is_understood():
    """And each row of the table is about another thing, or another way to say it."""
    forms = [row.split("|")[1] for row in GUIDE.splitlines() if row.startswith("| `")]
    written = [text for form in forms for text in re.findall(r"`([^`]+)`", form)]
    assert len(written) > 15
    kinds = {text: read_reply(text, codes=CODES).kind for text in written}
    assert [text for text, kind in kinds.items() if kind == "unknown"] == []
    assert set(kinds.values()) == {
        "acknowledge", "acknowledge-all", "acknowledge-only", "pass", "shelve", "status", "help", "stop", "start",
    }  # fmt: skip


def test_what_the_guide_says_is_not_understood_is_not():
    """The example of a sentence turned round, and of a question."""
    assert "`not 47`" in GUIDE
    assert read_reply("not 47", codes=CODES).kind == "unknown"
    assert "`47?`" in GUIDE
    assert read_reply("47?", codes=CODES).kind == "status"
