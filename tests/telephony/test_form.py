"""Form bodies are read in the one way they can be read, or refused with a sentence."""

import json
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.telephony.form import BadForm, parse

RECORDED = json.loads((Path(__file__).parents[1] / "data/webhook_requests.json").read_text("utf-8"))[
    "requests"
]
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def test_fields_keep_their_order_and_blanks():
    """The signature needs every field as it came."""
    form = parse(b"To=%2B46701234567&FromCity=&Body=P%C3%A5+gl%C3%B6m&To=%2B46701234567&flag&&")
    assert form.fields == [
        ("To", "+46701234567"),
        ("FromCity", ""),
        ("Body", "På glöm"),
        ("To", "+46701234567"),
        ("flag", ""),
    ]
    assert form.params == {"To": "+46701234567", "FromCity": "", "Body": "På glöm", "flag": ""}


@given(st.dictionaries(text, text, max_size=20))
def test_what_was_encoded_comes_back(params):
    """Any mapping survives the round trip, as urllib encodes it."""
    assert parse(urlencode(params).encode()).params == params


@given(st.lists(st.tuples(text, text), max_size=20).map(lambda pairs: urlencode(pairs).encode()) | st.binary(max_size=60)
       | st.text(st.sampled_from("ab=&%+2B0C3Aé;"), max_size=30).map(str.encode))  # fmt: skip
def test_every_body_reads_as_the_standard_library_reads_it_or_is_refused(raw):
    """Never another exception, never another reading."""
    try:
        form = parse(raw)
    except BadForm:
        return
    assert form.fields == parse_qsl(raw.decode(), keep_blank_values=True)
    assert form.params == dict(form.fields)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"Body=\xff", "bytes that are not UTF-8"),
        (b"Body=%FF", "escaped byte sequence that is not UTF-8"),
        (b"%C3=1", "escaped byte sequence that is not UTF-8"),
        (b"a=100%", 'a "%" without two hexadecimal digits after it, at character 6'),
        (b"a=%zz", 'a "%" without two hexadecimal digits'),
        (b"&".join(b"a%d=" % n for n in range(1001)), "more than 1000 fields"),
        (b"Digits=1234&CallSid=CA1&Digits=9999", "'Digits' occurs twice with different values"),
    ],
)
def test_what_is_not_clearly_a_form_is_refused(raw, why):
    """The sentence names the fault and never a value."""
    with pytest.raises(BadForm) as refused:
        parse(raw)
    assert why in str(refused.value)
    assert "9999" not in str(refused.value)


def test_a_thousand_fields_are_still_a_form():
    """The bound is the one the web framework has too."""
    assert len(parse(b"&".join(b"a%d=" % n for n in range(1000))).fields) == 1000


def test_the_recorded_webhooks_parse_to_their_fields():
    """Realistic bodies, shuffled as Twilio sends them."""
    for request in RECORDED:
        body = request.get("body") or ""
        try:
            fields = parse(body.encode()).fields
        except BadForm:
            assert "ambiguous" in request["expect"]
            continue
        assert [list(field) for field in fields] == request["params"], request["name"]
