"""Numbers, hosts and addresses: what a script may reach and what not."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.telephony.egress import CONTROLLED_VERBS, PLAIN_VERBS, Egress, holds_pin, matching

OWN = "https://alarms.example.com/plant"
POLICY = Egress(
    dial=matching(["+46*"]), own=OWN, hosts=frozenset({"cdn.example.org", "Media.example.org:8443"})
)


@pytest.mark.parametrize(
    "url",
    [
        "", "../pin/7?turn=3", "/main/system/twilio-voice/answer/0", "answer", "?turn=2", "#x", "./a/../b", "a//b",
        "x?next=https://evil.example", "ack/abc_-~.=@x", "a%2Fb",
        "https://alarms.example.com/x", "HTTPS://ALARMS.example.com:443/x", "https://alarms.example.com?x#y",
        "https://cdn.example.org/beep.mp3", "https://media.example.org:8443/a", " https://cdn.example.org/a\n",
    ],
)  # fmt: skip
def test_own_and_listed_hosts_are_reached(url):
    """Relative addresses, our own host, and those of the configuration."""
    assert POLICY.url_fault(url) is None


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://evil.example/x", 'the host "evil.example" is neither ours nor listed'),
        ("https://alarms.example.com.evil.example/", "neither ours nor listed"),
        ("https://alarms.example.com:8443/", "neither ours nor listed"),
        ("https://alarms.example.com./", "no usable host"),
        ("https://media.example.org/a", "neither ours nor listed"),
        ("https://sub.cdn.example.org/a", "neither ours nor listed"),
        ("http://alarms.example.com/x", "begins with https://"),
        ("//evil.example/x", "names a host without a scheme"),
        ("///evil.example/x", "names a host without a scheme"),
        ("/\\evil.example", "a backslash"),
        ("\\\\evil.example", "a backslash"),
        ("https:\\\\evil.example", "a backslash"),
        ("https:evil.example", "begins with https://"),
        ("https:/evil.example", "begins with https://"),
        ("https:///evil.example", "begins with https://"),
        ("https://alarms.example.com@evil.example/", "user name or password"),
        ("https://u:p@alarms.example.com/", "user name or password"),
        ("https://evil.example#@alarms.example.com", "neither ours nor listed"),
        ("https://evil.example?@alarms.example.com", "neither ours nor listed"),
        ("https://alarms%2eexample.com/", "no usable host"),
        ("https://alarms.example.com:443:80/", "no usable host"),
        ("https:// alarms.example.com/", "holds a blank"),
        ("a b", "holds a blank"),
        ("a\tb", "holds a blank"),
        ("ht\ntps://evil.example", "holds a blank"),
        ("https://ålarms.example.com/", "beyond ASCII"),
        ("\uff0f\uff0fevil.example", "beyond ASCII"),
        ("javascript:alert(1)", "begins with https://"),
        ("sip:x@evil.example", "begins with https://"),
        ("data:text/xml,<Response/>", "begins with https://"),
        ("ftp://cdn.example.org/a", "begins with https://"),
        ("wss://alarms.example.com/", "begins with https://"),
        ("file:///etc/passwd", "begins with https://"),
        ("answer:7", "begins with https://"),
        ("https://", "no usable host"),
    ],
)  # fmt: skip
def test_every_other_place_is_refused(url, says):
    """The sentence names the host or the fault, and never a password."""
    fault = POLICY.url_fault(url)
    assert fault is not None
    assert says in fault
    assert "u:p" not in fault


def test_http_counts_only_where_we_ourselves_are_on_http():
    """A development gateway without TLS may name itself and its hosts."""
    policy = Egress(dial=matching([]), own="http://127.0.0.1:8088", hosts=frozenset({"cdn.example.org"}))
    assert policy.url_fault("http://127.0.0.1:8088/x") is None
    assert policy.url_fault("http://cdn.example.org/x") is None
    assert policy.url_fault("https://cdn.example.org/x") is None
    assert policy.url_fault("http://127.0.0.1/x") is not None


def test_without_an_external_hostname_only_listed_hosts_remain():
    """Outbound-only mode has no host of its own."""
    policy = Egress(dial=matching([]), hosts=frozenset({"cdn.example.org"}))
    assert policy.url_fault("https://cdn.example.org/x") is None
    assert policy.url_fault("https:///x") is not None


def test_streams_go_over_wss_to_the_same_hosts():
    """Only where a socket is meant."""
    assert POLICY.url_fault("wss://alarms.example.com/s", socket=True) is None
    assert POLICY.url_fault("wss://evil.example/s", socket=True) is not None
    assert POLICY.url_fault("ws://alarms.example.com/s", socket=True) is not None


@given(
    st.text(st.sampled_from("ahtps:/\\.@?#%[]&\t\n evilx0") | st.characters(), max_size=30)
    | st.from_regex(r"(https?:)?/{0,3}[a-z.@:\\]{1,20}(/.*)?")
)
def test_whatever_passes_leads_home(url):
    """Joined to the document's address as a lenient client would, it ends at an allowed host, over https."""
    if POLICY.url_fault(url) is None:
        joined = urlsplit(urljoin(OWN + "/main/system/twilio-voice/answer/0", url.strip().replace("\\", "/")))
        assert joined.scheme == "https"
        assert joined.netloc.lower().removesuffix(":443") in {
            "alarms.example.com",
            "cdn.example.org",
            "media.example.org:8443",
        }


@pytest.mark.parametrize("number", ["+46701234567", " +46 70-123 45 67 ", "+46(70)1234567", "+46"])
def test_numbers_of_the_pattern_are_dialled(number):
    """Punctuation as people write it is left out."""
    assert POLICY.number_fault(number) is None


@pytest.mark.parametrize(
    "number",
    ["+47701234567", "0701234567", "46701234567", "client:joe", "sip:+46701234567@evil.example", "+46701234567,+1900",
     "+46701234567;ext=1", "+46\uff17\uff10", "", " ", "+", "alarm@example.com", "+46" + "1" * 30],
)  # fmt: skip
def test_other_numbers_are_not(number):
    """Neither other countries nor anything that is no number."""
    assert POLICY.number_fault(number) is not None


def test_a_refused_number_is_not_shown():
    """Logs hold no full number."""
    assert "+4770" not in POLICY.number_fault("+47701234567")


@pytest.mark.parametrize(
    ("patterns", "number", "allowed"),
    [
        (["*"], "+15005550006", True),
        (["*"], "112", True),
        (["*"], "client", False),
        (["+46*", "+4712345678"], "+4712345678", True),
        (["+46*", "+4712345678"], "+47123456789", False),
        (["+46*0"], "+4670", True),
        (["+46.*"], "+46701", False),
        ([], "+46701", False),
    ],
)
def test_patterns_mean_what_they_look_like(patterns, number, allowed):
    """A star is any digits; every other sign is itself."""
    assert matching(patterns)(number) is allowed


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("sip:desk@cdn.example.org", True),
        ("SIPS:desk@CDN.example.org:5061;transport=tls?X-Line=2", True),
        ("desk@cdn.example.org", True),
        ("sip:cdn.example.org", True),
        ("sip:desk@media.example.org:8443", True),
        ("sip:desk@media.example.org", False),
        ("sip:desk@evil.example", False),
        ("sip:desk;x@evil.example", False),
        ("sip:cdn.example.org;@evil.example", False),
        ("sip:desk@cdn.example.org;maddr=evil.example", False),
        ("sip:desk@cdn.example.org?Route=%3Csip:evil.example%3E", False),
        ("sip:desk@cdn.example.org evil", False),
        ("cdn.example.org", False),
        ("tel:+46701234567", False),
    ],
)
def test_sip_needs_a_listed_host(address, allowed):
    """And nothing in the address that leads past it."""
    assert (POLICY.sip_fault(address) is None) is allowed


@pytest.mark.parametrize(
    "url",
    ["../ack/4711", "?pin=4711", "x?a=1&b=4711", "x?a=1;b=4711", "x#4711", "%34711", "x?p=%2534711", "4711", "x?p=47%31%31",
     "x?p=+4711", "x:4711"],
)  # fmt: skip
def test_a_pin_in_a_url_is_seen(url):
    """As a segment, a value, a fragment, percent-encoded once or twice."""
    assert holds_pin(url, {"4711"})


@pytest.mark.parametrize("url", ["../ack/47111", "?turn=3", "x/ab4711cd", ""])
def test_a_longer_token_is_no_pin(url):
    """Opaque ids may contain the same digits."""
    assert not holds_pin(url, {"4711", ""})


def test_only_the_usual_verbs_need_no_listing():
    """Whoever connects a caller elsewhere is listed by the plant."""
    assert Egress(dial=matching([])).refused_verbs >= {
        "Sip",
        "Client",
        "Conference",
        "Connect",
        "Stream",
        "Start",
        "Pay",
        "Refer",
        "Queue",
    }
    assert not Egress(dial=matching([])).refused_verbs & PLAIN_VERBS
    assert Egress(dial=matching([]), verbs=CONTROLLED_VERBS).refused_verbs == frozenset()
