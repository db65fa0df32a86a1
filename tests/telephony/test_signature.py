"""The signature check agrees with Twilio's official libraries."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.telephony import signature

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "signature_vectors.json").read_text("utf-8"))[
    "vectors"
]
TOKEN = "0123456789abcdef0123456789abcdef"
URL = "https://alarms.example.com/main/system/twilio-voice/answer/0?turn=3"


def verdict(vector):
    """Decide one vector as the webhook handler would."""
    fields = [(name, value) for name, value in vector["params"] or []]
    if vector["body"] is not None:
        body = vector["body"].encode()
        hashed = signature.body_hash(urlsplit(vector["url"]).query)
        if not signature.body_matches(body, hashed):
            return False
        fields = []
    return signature.matches(vector["signature"], vector["url"], fields, [vector["token"]])


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["gate"] == "must"], ids=lambda v: v["id"])
def test_official_vectors_hold(vector):
    """Every vector on which the libraries do not disagree about URL normalisation gives the stated verdict."""
    assert verdict(vector) is vector["expected_valid"]


def test_what_was_signed_verifies_and_nothing_else():
    """One changed value, one token of another account, one other URL: each is refused."""
    fields = [("CallSid", "CA1"), ("Digits", "4711"), ("From", "+46701234567")]
    header = signature.expected(URL, fields, TOKEN)
    assert signature.matches(header, URL, fields, [TOKEN])
    assert not signature.matches(header, URL, [*fields[:1], ("Digits", "4712"), fields[2]], [TOKEN])
    assert not signature.matches(header, URL + "0", fields, [TOKEN])
    assert not signature.matches(header, URL, fields, ["f" * 32])


def test_during_rotation_either_token_counts():
    """Primary and secondary auth token are both tried."""
    header = signature.expected(URL, [], "second")
    assert signature.matches(header, URL, [], ["first", "second"])
    assert not signature.matches(header, URL, [], ["first"])


@pytest.mark.parametrize("header", ["", "å" * 28, "\ud800", "=" * 28, " "])
def test_a_header_of_any_shape_is_answered_with_no(header):
    """No header makes the check raise."""
    assert not signature.matches(header, URL, [], [TOKEN])


def test_without_tokens_nothing_matches():
    """An account without a token vouches for nothing, nor does an empty token."""
    assert not signature.matches(signature.expected(URL, [], ""), URL, [], [""])
    assert not signature.matches("x", URL, [], [])


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://a.example/x?y=1", "https://a.example:443/x?y=1"),
        ("http://a.example", "http://a.example:80"),
        ("https://a.example:8443/x", "https://a.example/x"),
        ("https://a.example?x=b:1", "https://a.example:443?x=b:1"),
        ("https://u:p@a.example:1/x", "https://u:p@a.example/x"),
        ("https://u:p@a.example/x", "https://u:p@a.example:443/x"),
        ("https://[::1]/x", "https://[::1]:443/x"),
        ("https://[::1]:9/x", "https://[::1]/x"),
        ("https://a.example/x@y:1/", "https://a.example:443/x@y:1/"),
        ("not a url", "not a url"),
    ],
)
def test_the_port_is_added_or_taken_away(url, other):
    """Only the authority changes."""
    assert signature.other_port_form(url) == other


def test_a_json_body_needs_its_hash():
    """Without bodySHA256, with a wrong one or with one of another case, the body is refused."""
    body = b'{"a":1}'
    right = signature.body_hash(
        "x=1&bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
    )
    assert signature.body_matches(body, right)
    assert not signature.body_matches(body, signature.body_hash("x=1"))
    assert not signature.body_matches(body, right[:-1])
    assert not signature.body_matches(body, right.upper())
    assert not signature.body_matches(body, "å")


hosts = st.from_regex(r"[a-z][a-z0-9-]{0,9}(\.[a-z]{2,5}){1,2}", fullmatch=True)
paths = st.text(st.sampled_from("abcXYZ019-._~/%"), max_size=20).map(lambda tail: "/" + tail.lstrip("/"))
queries = st.text(st.sampled_from("ab=&19%+:@"), min_size=1, max_size=20)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
forms = st.lists(st.tuples(names, names), max_size=12)


class MultiDict(dict):
    """The shape of a framework's form that the official validator understands."""

    def getlist(self, name):
        return self[name]


@given(
    st.sampled_from(["http", "https"]), hosts, st.none() | st.integers(1, 65535), paths, st.none() | queries, forms,
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40), st.sampled_from(["with", "without", "bad"]),
)  # fmt: skip
def test_any_request_is_judged_as_the_official_validator_does(
    scheme, host, port, path, query, fields, token, signed
):
    """Same verdict on random URLs and forms, whichever port form was signed."""
    validator = pytest.importorskip("twilio.request_validator").RequestValidator(token)
    url = f"{scheme}://{host}{'' if port is None else f':{port}'}{path}{'' if query is None else '?' + query}"
    form = MultiDict()
    for name, value in fields:
        form.setdefault(name, []).append(value)
    other = signature.other_port_form(url)
    header = {
        "with": validator.compute_signature(url, form),
        "without": validator.compute_signature(other, form),
        "bad": validator.compute_signature(url + "x", form),
    }[signed]
    assert signature.matches(header, url, fields, [token]) is validator.validate(url, form, header)
    assert signature.expected(url, fields, token) == validator.compute_signature(url, form)
