"""Where the URLs of TwiML may lead on our own host: to actions of the call, and to nothing that Twilio alone tells."""

from __future__ import annotations

import pytest

from tocsin.telephony.check import POLICY as OURS
from tocsin.telephony.check import Egress, TwimlRefused, check

POLICY = Egress(dial=lambda _: False, own="https://alarms.example.com", hosts=frozenset({"cdn.example.org"}))


def refused(inside):
    """Return why a response is refused by the policy."""
    with pytest.raises(TwimlRefused) as caught:
        check(f"<Response>{inside}</Response>", POLICY, {})
    assert caught.value.code == OURS
    return caught.value.message


TEXTS = "main/system/twilio-message/inbound/0?Body=ALL"
EVENTS = "main/system/twilio-voice/status/0"


@pytest.mark.parametrize(
    "url",
    [
        *(f"{start}{door}" for start in ("/", "https://alarms.example.com/") for door in (TEXTS, EVENTS)),
        f"https://ALARMS.example.com:443/{TEXTS}",
        f"\n /{EVENTS} ",
        "/main/system/twilio-voice/fallback/0",
        "/main/system/twilio-voice/amd/0/#rc=2",
        "/main/system/twilio-voice/%73tatus/0",
        "/main/system/twilio-voice//status/0",
        "/main/system/twilio-voice/x/../status/0",
        "/main/system/twilio-voice/status/..",
        "/main/system//../twilio-message/status/0",
        "/main/system/twilio-voice/status/%2e%2e",
        "/prefix/main/system/twilio-message/inbound/0",
        "../status/0",
        "../../twilio-message/inbound/0",
        "../../../twilio-message/inbound/0",
        "./../../status/0",
        "../../../../main/system/twilio-message/inbound/0",
    ],
)
@pytest.mark.parametrize("verb", ["<Redirect>{}</Redirect>", '<Record action="{}"/>', "<Play>{}</Play>"])
def test_what_twilio_alone_tells_is_nowhere_to_send_a_call(verb, url):
    """However the address of the texts or the events is written: relative, encoded, with dots or slashes."""
    assert "only Twilio" in refused(verb.format(url)) or "percent-encoded" in refused(verb.format(url))


@pytest.mark.parametrize(
    "query", ["ParentCallSid=CA1", "a=b&amp;CallSid=CA1", "Account%53id=AC1", "AnsweredBy", "CallStatus=x#y"]
)
@pytest.mark.parametrize("start", ["", "../look/0", "/main/system/twilio-voice/look/0"])
def test_whose_call_it_is_stands_in_no_url(start, query):
    """A URL that is asked by GET would say it beside Twilio, or in its place."""
    assert "choose another name" in refused(f'<Redirect method="GET">{start}?{query}</Redirect>')


@pytest.mark.parametrize(
    "url",
    [
        "https://alarms.example.com/main/system/twilio-voice/menu/c4Jr0_x?turn=3#rc=2&amp;rp=all",
        "https://alarms.example.com/main/system/twilio-voice/Erg%C3%A4nzung/0?note=a%20b&amp;turn=3#rc=2",
        "/main/system/twilio-voice/statuses/0/",
        "/main/system/twilio-voice/menu/status?MyCallSid=CA1",
        "../menu/7",
        "../../twilio-voice/menu/7",
        "?status=0",
        "/audio/status/welcome.mp3",
        "welcome.mp3",
        "https://cdn.example.org/status/0?x=CallStatus",
    ],
)
def test_a_call_goes_on_to_any_action_of_its_own(url):
    """By whole addresses, relative ones, and ones that merely resemble those of events; to sounds, too."""
    assert check(f"<Response><Redirect>{url}</Redirect></Response>", POLICY, {}).warnings == ()
