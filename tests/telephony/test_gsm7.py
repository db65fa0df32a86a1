"""How long a text is as SMS, and how it is written to be shorter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.emulator import sms
from tocsin.telephony import gsm7


@pytest.mark.parametrize(
    ("text", "encoding", "segments"),
    [
        ("", "GSM-7", 1),
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1),
        ("€" * 81, "GSM-7", 2),
        ("ж" * 70, "UCS-2", 1),
        ("ж" * 71, "UCS-2", 2),
        ("🔥" * 35, "UCS-2", 1),
        ("🔥" * 36, "UCS-2", 2),
    ],
)
def test_segments_as_carriers_count_them(text, encoding, segments):
    """160 septets or 70 units alone, 153 or 67 in a row; some characters take two."""
    assert (gsm7.encoding(text), gsm7.segments(text)) == (encoding, segments)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("“Pump” \N{EN DASH} 5…", '"Pump" - 5...'),
        ("Łódź", "Lodz"),
        ("crème brûlée", "crème brulée"),
        ("20 °C", "20 C"),
        ("Åäö ß ñ", "Åäö ß ñ"),
        ("насос", "насос"),
    ],
)
def test_a_text_is_written_in_the_alphabet_where_it_reads_the_same(text, plain):
    """Marks and accents that telephones lack are replaced, other scripts are not."""
    assert gsm7.plain(text) == plain


@given(st.text())
def test_writing_plainly_never_makes_a_text_longer_in_segments_than_it_was(text):
    """Any text is left alone or becomes GSM-7; the emulator counts segments as we do."""
    written = gsm7.plain(text)
    assert written == text or gsm7.encoding(written) == "GSM-7"
    assert gsm7.segments(text) == sms.segments(text)
