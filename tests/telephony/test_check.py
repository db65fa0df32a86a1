"""TwiML leaving a script: what is sent, what is warned of, what is refused."""

import gc
import re
from html import escape
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.published import published

from tocsin.telephony.builders import HEADER, NAMES, VoiceResponse, attribute_names
from tocsin.telephony.check import Checked, Egress, TwimlRefused, check, matching
from tocsin.telephony.egress import CONTROLLED_VERBS

POLICY = Egress(
    dial=matching(["+46*"]),
    own="https://alarms.example.com",
    hosts=frozenset({"cdn.example.org", "pbx.example.org"}),
)
OPEN = Egress(
    dial=matching(["*"]), own="https://alarms.example.com",
    hosts=frozenset({"cdn.example.org", "pbx.example.org"}), verbs=CONTROLLED_VERBS,
)  # fmt: skip


def sent(inside, policy=POLICY, given=(), **options):
    """Check a Response around some TwiML."""
    return check(f"<Response>{inside}</Response>", policy, dict(given), **options)


def refused(inside, policy=POLICY, given=(), **options):
    """Give the refusal of a Response around some TwiML."""
    with pytest.raises(TwimlRefused) as told:
        sent(inside, policy, given, **options)
    assert str(told.value) == told.value.message
    return told.value


def outcome(text, given):
    """Give what became of a text: Checked, or the refusal."""
    try:
        return check(text, POLICY, given)
    except TwimlRefused as error:
        return error


def told(inside, **options):
    """Give the codes of the warnings."""
    return [warning.code for warning in sent(inside, **options).warnings]


# What is sent.


@pytest.mark.parametrize(
    "text",
    [
        "<Response><Hangup/></Response>",
        HEADER + "<Response><Hangup/></Response>",
        "\n\n  <Response><Hangup/></Response>",
        "  \n" + HEADER + "\n<Response><Hangup/></Response>",
        "\ufeff<?xml version='1.0'?><Response><Hangup/></Response>",
        '<?xml version="1.0" encoding="ISO-8859-1" standalone="yes"?>\r\n<Response><Hangup/></Response>',
    ],
)
def test_the_header_is_there_once_and_first(text):
    """Twilio refuses a blank before the header (12100), and the answer is UTF-8 whatever a header says."""
    out = check(text, POLICY, {}).text
    assert out.startswith(HEADER)
    assert out.count("<?xml") == 1
    assert out.removeprefix(HEADER).strip() == "<Response><Hangup/></Response>"


def test_the_usual_turn_passes_unchanged():
    """A menu from the builders, our own relative addresses, nothing to warn of."""
    response = VoiceResponse()
    with response.gather(
        num_digits=1, action="../pin/7?turn=3", finish_on_key="", timeout=8, input="dtmf speech"
    ) as menu:
        menu.say("Pump 2 hög nivå.", voice="Polly.Elin-Neural", language="sv-SE", loop=2)
        menu.play("https://cdn.example.org/beep.mp3")
        menu.pause(1)
    response.record(
        action="/x", max_length=60, play_beep=True, recording_status_callback="/y", trim="trim-silence"
    )
    response.dial(
        "+46701234567", time_limit=600, timeout=20, record="record-from-answer", answer_on_bridge=True
    )
    response.sms("Level 93 %", to="+46701234567")
    response.redirect("../answer/7?turn=4", method="POST")
    checked = check(str(response), POLICY, {"From": "+46701234567"}, pins={"4711"})
    assert checked.text == str(response)
    assert checked.warnings == ()


def test_a_reply_to_a_text_has_its_own_verbs():
    """Message with Body and Media; what is only heard is unknown there."""
    reply = '<Message to="+46701234567"><Body>Acknowledged.</Body><Media>https://cdn.example.org/a.png</Media></Message>'
    assert sent(reply, kind="message").warnings == ()
    assert told("<Say>x</Say>", kind="message") == [12200]
    assert told("<Message>x</Message>") == [12200]
    assert refused('<Message to="+47701234567">x</Message>', kind="message").code == 0


# What Twilio would refuse.


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("", 12100, "the response is empty"),
        (" \n ", 12100, "the response is empty"),
        ("Hello", 12100, "does not begin with <Response>"),
        ("<Response>", 12100, "an element is not closed"),
        ("<Response><Say></Response>", 12100, "closed by the tag of another"),
        ("<Response/>x", 12100, "something stands after </Response>"),
        ("<Response/><Response/>", 12100, "something stands after </Response>"),
        ("<Response><Say>R&D</Say></Response>", 12100, "write & as &amp;"),
        ("<Response><Say>a < b</Say></Response>", 12100, "write & as &amp;"),
        ("<Response><Say>&nbsp;</Say></Response>", 12100, "only &amp;"),
        ("<Response><Say loop='1' loop='2'/></Response>", 12100, "twice in one tag"),
        ("<Response><Say>\x00</Say></Response>", 12100, "control characters"),
        ("<Response><Say>\x08</Say></Response>", 12100, "control characters"),
        ("<Response><Say>\ud800</Say></Response>", 12100, "not well-formed"),
        ("<Response><Say>&#55357;</Say></Response>", 12100, "not well-formed"),
        ("<Response><!-- ", 12100, "is not closed"),
        ('<!DOCTYPE Response [<!ENTITY x "y">]><Response>&x;</Response>', 12100, "DOCTYPE"),
        ('<!DOCTYPE Response SYSTEM "http://evil.example/x"><Response/>', 12100, "DOCTYPE"),
        ("<response/>", 12102, "the outermost element is <response>"),
        ("<Say>x</Say>", 12102, "the outermost element is <Say>"),
        ("<x:Response xmlns:x='y'/>", 12102, "the outermost element"),
        ("<Response><Say>" + "å" * 33_000 + "</Say></Response>", 11750, "64 kB"),
    ],
)  # fmt: skip
def test_what_twilio_would_not_run_is_refused(text, code, says):
    """With Twilio's code and a sentence that says what to write instead."""
    with pytest.raises(TwimlRefused) as told:
        check(text, POLICY, {})
    assert told.value.code == code
    assert says in told.value.message


def test_the_line_is_the_authors():
    """Counted in the text as the script wrote it, whatever was taken away or added in front."""
    text = '\n\n<?xml version="1.0"?>\n<Response>\n  <Say loop="x">a</Say>\n  <Dial>+1900</Dial>\n</Response>'
    with pytest.raises(TwimlRefused) as told:
        check(text, POLICY, {})
    assert told.value.line == 6
    warned = check(text.replace("+1900", "+46701"), POLICY, {}).warnings
    assert [(w.code, w.line) for w in warned] == [(13510, 5)]
    assert str(warned[0]).startswith("line 5: Twilio 13510: Say's loop is 'x', but Twilio takes")


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ('<Gather actionOnEmptyResult="yes"/>', 13338),
        ('<Dial><Conference endConferenceOnExit="2">x</Conference></Dial>', 13231),
        ('<Enqueue method="PUT">x</Enqueue>', 14201),
        ('<Enqueue waitUrlMethod="PUT">x</Enqueue>', 14206),
        ("<Enqueue>" + "x" * 65 + "</Enqueue>", 14205),
        ('<Record recordingStatusCallbackEvent="begun"/>', 13621),
    ],
)
def test_a_few_values_are_errors_at_twilio(inside, code):
    """Twilio's dictionary calls them ERROR, not WARNING."""
    assert refused(inside, OPEN).code == code


# What Twilio would warn of.


@pytest.mark.parametrize(
    ("inside", "codes"),
    [
        ("<Foo>x</Foo>", [12200]),
        ("<say>x</say>", [12200]),
        ("<Foo><Bar/><Bar/></Foo>", [12200]),
        ('<Say Voice="alice">x</Say>', [12200]),
        ("<Gather><Record/></Gather>", [13320]),
        ("<Dial><Say>x</Say></Dial>", [13215]),
        ("<Number>+46701</Number>", [12200]),
        ('<Gather finishOnKey="12"/>', [13310]),
        ('<Gather finishOnKey="a"/>', [13310]),
        ('<Gather finishOnKey=""/>', []),
        ('<Gather method="PUT"/>', [13312]),
        ('<Gather timeout="-1"/>', [13313]),
        ('<Gather timeout="auto"/>', []),
        ('<Gather numDigits="0"/>', [13314]),
        ('<Gather numDigits="٣"/>', [13314]),
        ('<Gather numDigits="99999999999999999999"/>', [13314]),
        ('<Gather input="dtmf speech"/>', []),
        ('<Gather input="keys"/>', [13326]),
        ('<Gather speechTimeout="soon"/>', [13327]),
        ('<Gather language="english"/>', [13331]),
        ('<Gather bargeIn="1"/>', [13332]),
        ('<Play loop="1001"/>', [13410]),
        ('<Play digits="12x"/>', [13430]),
        ('<Play digits="ww12#"/>', []),
        ('<Say loop="-1">x</Say>', [13510]),
        ('<Say voice="Polly.Nobody">x</Say>', [13511]),
        ('<Say voice="POLLY.joanna">x</Say>', []),
        ('<Say language="??">x</Say>', [13512]),
        ("<Say></Say>", [13520]),
        ("<Say><break/></Say>", []),
        ("<Say>" + "x" * 4097 + "</Say>", [13521]),
        ('<Record method="X"/>', [13610]),
        ('<Record maxLength="0"/>', [13612]),
        ('<Record finishOnKey="q"/>', [13613]),
        ('<Record playBeep="ja"/>', [13616]),
        ('<Record trim="x"/>', [13699]),
        ('<Redirect method="PATCH">x</Redirect>', [13710]),
        ('<Reject reason="tired"/>', [13810]),
        ('<Pause length="0"/>', [13910]),
        ('<Dial timeout="1"/>', [13212]),
        ('<Dial hangupOnStar="x"/>', [13213]),
        ('<Dial timeLimit="0"/>', [13216]),
        ('<Dial record="x"/>', [13217]),
        ("<Dial><Number></Number></Dial>", [13223]),
        ('<Dial><Number sendDigits="x">+46701</Number></Dial>', [13222]),
        ("<Sms></Sms>", [14103]),
        ("<Sms>" + "x" * 1601 + "</Sms>", [14103]),
        ("<Hangup/><Say>x</Say>", [0]),
        ("<Redirect>x</Redirect><Say>x</Say><Say>y</Say>", [0]),
        ("Press one.", [0]),
        ('<Say xml:lang="en">x</Say>', []),
    ],
)
def test_what_twilio_would_warn_of_is_told(inside, codes):
    """One warning per fault, with Twilio's code, and the document still goes out."""
    assert told(inside) == codes


def test_a_gather_may_do_without_an_action():
    """Twilio then asks the same address again, which tocsin answers."""
    assert sent("<Gather><Say>Press one.</Say></Gather>").warnings == ()


def test_a_namespace_declaration_is_no_fault():
    """Editors add them; Twilio does not mind."""
    text = '<Response xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="x.xsd"/>'
    assert check(text, POLICY, {}).warnings == ()


# What the configuration does not allow.


EVIL = "https://evil.example/x"


@pytest.mark.parametrize(
    "inside",
    [
        f'<Gather action="{EVIL}"/>',
        f'<Gather partialResultCallback="{EVIL}"/>',
        f'<Record action="{EVIL}"/>',
        f'<Record recordingStatusCallback="{EVIL}"/>',
        f'<Record transcribeCallback="{EVIL}"/>',
        f'<Dial action="{EVIL}"/>',
        f'<Dial recordingStatusCallback="{EVIL}"/>',
        f'<Dial referUrl="{EVIL}"/>',
        f'<Dial><Number url="{EVIL}">+46701</Number></Dial>',
        f'<Dial><Number statusCallback="{EVIL}">+46701</Number></Dial>',
        f'<Dial><Number amdStatusCallback="{EVIL}">+46701</Number></Dial>',
        f'<Enqueue waitUrl="{EVIL}">x</Enqueue>',
        f'<Enqueue action="{EVIL}">x</Enqueue>',
        f'<Sms statusCallback="{EVIL}">x</Sms>',
        f'<Sms action="{EVIL}">x</Sms>',
        f"<Play>{EVIL}</Play>",
        f"<Play> \n{EVIL}\n</Play>",
        "<Play>https&#58;//evil.example/x</Play>",
        "<Play><![CDATA[https://evil.example/x]]></Play>",
        "<Play>//evil.example/x</Play>",
        "<Play>https://alarms.example.com<!-- -->@evil.example/x</Play>",
        "<Play>/x<?y?>.evil.example</Play>",
        "<Redirect>/a<Foo/>b</Redirect>",
        f"<Redirect>{EVIL}</Redirect>",
        f'<Gather Action="{EVIL}"/>',
        f'<gather action="{EVIL}"/>',
        f'<Gather x:action="{EVIL}"/>',
        f'<Foo url="{EVIL}"/>',
        f"<Foo><Play>{EVIL}</Play></Foo>",
        f"<Foo><x:play>{EVIL}</x:play></Foo>",
        f"<Say><Redirect>{EVIL}</Redirect></Say>",
        '<Say xml:base="/x">y</Say>',
        '<Record recordingStatusCallback="javascript:alert(1)"/>',
    ],
)
def test_no_address_outside_the_configuration_leaves(inside):
    """Wherever Twilio, or a client more lenient than Twilio, could find it."""
    assert refused(inside).code == 0


@pytest.mark.parametrize(
    "inside",
    [
        "<Dial>+47701234567</Dial>",
        "<Dial><Number>+47701234567</Number></Dial>",
        "<Dial><Number>+46701234567</Number><Number>+47701234567</Number></Dial>",
        "<Dial>+4670<!-- -->1234567</Dial>",
        "<Dial>+4670<Number>+46701</Number>1</Dial>",
        "<Dial>sip:+46701@evil.example</Dial>",
        "<Dial>client:joe</Dial>",
        "<dial>+47701234567</dial>",
        "<Foo><Number>+47701234567</Number></Foo>",
        "<x:Dial>+47701234567</x:Dial>",
        '<Sms to="+47701234567">x</Sms>',
        '<Sms TO="+47701234567">x</Sms>',
        '<sms to="+47701234567">x</sms>',
        "<Dial><Client>joe</Client></Dial>",
        "<Dial><Sip>sip:x@pbx.example.org</Sip></Dial>",
        "<Dial><Conference>room</Conference></Dial>",
        "<Dial><Queue>q</Queue></Dial>",
        "<Dial><WhatsApp>+46701</WhatsApp></Dial>",
        '<Connect><Stream url="wss://alarms.example.com/s"/></Connect>',
        '<Start><Stream url="wss://alarms.example.com/s"/></Start>',
        "<Start><Recording/></Start>",
        "<Pay/>",
        "<Refer><Sip>sip:x@pbx.example.org</Sip></Refer>",
        "<connect/>",
        "<Gather><Connect/></Gather>",
    ],
)
def test_no_number_or_verb_outside_the_configuration_leaves(inside):
    """Neither misspelt, nor nested where Twilio would skip it, nor split."""
    assert refused(inside).code == 0


def test_listed_verbs_are_allowed_and_still_watched():
    """A plant that lists Sip still names its hosts."""
    assert sent("<Dial><Sip>sip:desk@pbx.example.org</Sip></Dial>", OPEN).warnings == ()
    assert refused("<Dial><Sip>sip:desk@evil.example</Sip></Dial>", OPEN).code == 0
    assert sent('<Connect><Stream url="wss://alarms.example.com/s"/></Connect>', OPEN).warnings == ()
    assert refused('<Connect><Stream url="wss://evil.example/s"/></Connect>', OPEN).code == 0
    assert refused('<Start><Transcription statusCallbackUrl="https://evil.example"/></Start>', OPEN).code == 0
    assert refused("<Dial><Sip><Uri>sip:desk@evil.example</Uri></Sip></Dial>", OPEN).code == 0


def test_every_attribute_that_names_a_url_is_watched():
    """For each element of the table: no attribute that a foreign address may hide in."""
    harmless = re.compile("(Method|Event|Result)$")
    for name, builder in NAMES.items():
        tag = builder.__doc__.split("<")[1].split(">")[0]
        if tag == "Response":
            continue
        for attribute in attribute_names(name):
            if re.search("(?i)url|uri$|callback|action", attribute) and not harmless.search(attribute):
                assert refused(f'<{tag} {attribute}="{EVIL}"/>', OPEN).code == 0, (tag, attribute)


def test_a_pin_stands_in_no_url():
    """URLs are stored here, at Twilio and in proxies."""
    for inside in (
        '<Gather action="../ack/4711"/>',
        "<Redirect>../x?pin=4711</Redirect>",
        '<Sms action="?a=47%311">x</Sms>',
    ):
        assert "holds a PIN" in refused(inside, pins={"4711"}).message
        assert "4711" not in refused(inside, pins={"4711"}).message
    assert sent("<Say>4711</Say>", pins={"4711"}).warnings == ()


# The caller's words.


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("<Response><Say>{}</Say></Response>", "</Say><Dial>+46701234567</Dial><Say>"),
        ("<Response><Say>{}</Say></Response>", "<break/>"),
        ("<Response><Say>{}</Say></Response>", "x<!-- y -->"),
        ("<Response><Say>{}</Say></Response>", "<![CDATA[x]]>"),
        ("<Response><Say>{}</Say></Response>", "a &amp; <s>b</s>"),
        ('<Response><Say voice="{}">x</Say></Response>', 'alice" loop="9'),
        ("<Response><Say voice='{}'>x</Say></Response>", "alice' loop='9"),
        ('<Response><Redirect method="{}">x</Redirect></Response>', 'GET">y</Redirect><Redirect method="GET'),
        ("<Response>{}</Response>", "<Hangup/>"),
        ("{}", "<Response><Hangup/></Response>"),
        ("<Response><!--{}--><Say>x</Say></Response>", "--><Hangup/><!--"),
        ("<Response><Say><![CDATA[{}]]></Say></Response>", "x]]></Say><Hangup/><Say><![CDATA["),
        ("<Response><Say>å{}</Say></Response>", "ö<s>漢</s>"),
    ],
)
def test_words_that_became_markup_are_refused(template, value):
    """The sentence names the parameter and the remedy, and shows no word of it."""
    with pytest.raises(TwimlRefused) as told:
        check(template.format(value), OPEN, {"CallSid": "CA1", "SpeechResult": value})
    assert told.value.code == 0
    assert (
        "SpeechResult stands in the response as markup; write html.escape(SpeechResult)" in told.value.message
    )


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("<Response><Say>{}</Say></Response>", 'it\'s "fine"'),
        ("<Response><Say>a &amp; {} &lt; b</Say></Response>", "O'Brien"),
        ('<Response><Gather hints="{}"/></Response>', "it's > 3"),
        ("<Response><Gather hints='{}'/></Response>", 'say "yes"'),
        ("<Response><Say><![CDATA[{}]]></Say></Response>", "a < b & <c>"),
        ("<Response><Say>{}</Say><Say>{}</Say></Response>", "é'漢"),
        ("<Response><Say>{}\n\n{}</Say></Response>", "x > y\nz"),
        ("<Response><Say>x</Say></Response>", "<Dial>"),
        ('<Response><Say voice="alice">{}</Say></Response>', '"'),
        ("<Response><Say>{}</Say></Response>", "a &amp; b"),
    ],
)
def test_words_that_stayed_words_pass(template, value):
    """Quotes and brackets are welcome where they are only text."""
    text = template.replace("{}", value)
    assert check(text, OPEN, {"Body": value}).text == HEADER + text


@given(
    st.text(
        st.sampled_from("<>&\"'ab/ =![-]")
        | st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
        max_size=12,
    )
)
@example("</Say><Hangup/><Say>")
@example("<Say>")
def test_escaped_words_pass(value):
    """`html.escape` and the builders are enough; only words that are the document's own markup do not pass."""
    response = VoiceResponse()
    response.gather(hints=value).say("." + value)
    pasted = f'<Response><Gather hints="{escape(value)}"><Say>.{escape(value)}</Say></Gather></Response>'
    for text in (pasted, str(response)):
        passed = isinstance(outcome(text, {"Body": value, "CallSid": "CA1"}), Checked)
        assert passed or value in text.replace(escape(value), "")


def shape(text):
    """Give the elements and attributes of a document, without texts and values."""
    return [
        (node.tag, sorted(node.attrib), len(node)) for node in ElementTree.fromstring(text.encode()).iter()
    ]


TEMPLATES = [
    "<Response><Say>Hello {}!</Say><Pause/></Response>",
    '<Response><Say voice="alice" language="{}">x</Say></Response>',
    "<Response><Gather hints='{}'><Say>{}</Say></Gather></Response>",
    "<Response><Say><![CDATA[{}]]></Say></Response>",
    "<Response>{}</Response>",
]


@given(
    st.sampled_from(TEMPLATES),
    st.text(st.sampled_from("<>&\"'/ ="), min_size=2, max_size=10)
    | st.lists(st.sampled_from(["<", "/>", "</Say>", "<Say>", "<s>", "</s>", "x", '"', "'", " a='", ' a="', "]]>", "<![CDATA[",
                                "&amp;", "&", "<!--", "-->", "<Pause/>"]), min_size=1, max_size=5).map("".join),
)  # fmt: skip
def test_whatever_passes_has_the_authors_shape(template, value):
    """Pasted without escaping: either refused, or the elements and attributes are those of harmless words."""
    pasted = template.replace("{}", value)
    try:
        check(pasted, OPEN, {"Body": value})
    except TwimlRefused:
        return
    assert shape(pasted) == shape(template.replace("{}", "x" * bool(value)))


def test_stripped_words_are_still_the_callers():
    """Scripts strip what people text; the blanks around do not hide the rest."""
    with pytest.raises(TwimlRefused, match="Body stands in the response as markup"):
        check(
            "<Response><Say>a</Say><Hangup/><Say>b</Say></Response>",
            OPEN,
            {"Body": "  a</Say><Hangup/><Say>b\n"},
        )


# Anything at all.


pieces = st.sampled_from(
    ["<Response>", "</Response>", "<Say>", "</Say>", "<Dial>", "</Dial>", "+46701", "+1900", "<Play>", "</Play>", EVIL,
     " ", "\n", "&amp;", "&", "<", ">", '"', "<Gather action='", "'/>", "<!--", "-->", "<?x?>", "]]>", "<![CDATA[", "å", "\x00",
     "<Number>", "</Number>", "<Foo>", "</Foo>", "<!DOCTYPE x>", HEADER]
)  # fmt: skip


@given(st.lists(pieces, max_size=14).map("".join) | st.text(max_size=60) | st.lists(pieces, max_size=10).map(
    lambda inner: f"<Response>{''.join(inner)}</Response>"))  # fmt: skip
def test_any_text_is_sent_or_refused_and_nothing_else(text):
    """Never another exception; what is sent begins with the header and names no foreign place to act on."""
    result = outcome(text, {"Body": text[:5]})
    if isinstance(result, TwimlRefused):
        assert result.line >= 1
        assert result.message
        return
    assert result.text.startswith(HEADER)
    for node in ElementTree.fromstring(result.text.encode()).iter():
        assert EVIL not in ("".join(node.itertext()) if node.tag == "Play" else "")
        assert EVIL not in node.attrib.values()
        if node.tag in {"Dial", "Number"}:
            assert (node.text or "").strip() != "+1900"


def test_a_reading_leaves_nothing_to_collect():
    """No circle of parser and handlers remains after a turn, sent or refused."""
    gc.collect()
    gc.disable()
    try:
        for text in (
            "<Response><Say>x</Say></Response>",
            "<Response><Dial>+1900</Dial></Response>",
            "<Response>",
        ):
            for _ in range(20):
                outcome(text, {})
        assert gc.collect() < 20
    finally:
        gc.enable()


def test_the_collected_documents_give_the_stated_warnings():
    """Documents of the official libraries' and of Somleng's tests: unknown names and wrong places, no more."""
    refusals = []
    for document in published("twiml_documents.json")["documents"]:
        text, kind = document["xml"], "message" if document["kind"] == "messaging" else "voice"
        found = re.findall(r"(?:wss?|https?)://([^/\"<\s?]+)|@([^/\"<\s;?]+)", text)
        hosts = frozenset(host for pair in found for host in pair if host)
        policy = Egress(dial=matching(["*"]), own="http://own.example", hosts=hosts, verbs=CONTROLLED_VERBS)
        try:
            warnings = check(text, policy, {}, kind=kind).warnings
        except TwimlRefused as told:
            refusals.append((told.code, document["table_warnings"] or []))
            continue
        schema = [
            w.message
            for w in warnings
            if re.search("does not know|is not allowed in|has no attribute", w.message)
        ]
        assert [plain(message) for message in schema] == document["table_warnings"], document["name"]
    # Not well-formed, no Response, and two documents that dial or text the words "number" and "to".
    assert sorted(refusals) == [(0, []), (0, ["unknown element Message"]), (12100, []), (12102, [])]


def plain(message):
    """Put a warning of ours in the words of the collection."""
    if found := re.search(r"does not know <(\w+)>", message):
        return f"unknown element {found[1]}"
    if found := re.search(r"<(\w+)> is not allowed in <(\w+)>", message):
        return f"{found[1]} not allowed in {found[2]}"
    found = re.search(r"<(\w+)> has no attribute (\w+)", message)
    return f"unknown attribute {found[1]}@{found[2]}"
