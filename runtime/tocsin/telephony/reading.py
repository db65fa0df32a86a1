"""One reading of a TwiML document: what each element and attribute means for Twilio and for the policy.

Fed by the XML parser event by event, on every turn's path: what is usual costs one look-up, the rest is
looked at slowly. `check` is the door to it; nothing here knows of files, scripts or calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tocsin.errors import TocsinError
from tocsin.telephony.attribute_rules import SCHEMA_WARNING, Rule, rules_for
from tocsin.telephony.builders import attribute_names
from tocsin.telephony.egress import Egress, holds_pin
from tocsin.telephony.table.elements import ELEMENTS

if TYPE_CHECKING:
    from collections.abc import Collection
    from xml.parsers.expat import XMLParserType

Kind = Literal["voice", "message"]

POLICY = 0
"""The code of what tocsin itself refuses or advises; every other code is Twilio's."""

LONGEST_SPEECH = 4096
LONGEST_MESSAGE = 1600
LONGEST_QUEUE_NAME = 64

_URL_ENDINGS = ("url", "callback", "action", "uri")
_TEXT_URLS = frozenset({"Play", "Redirect", "Media"})
_TEXT_NUMBERS = frozenset({"Dial", "Number", "WhatsApp"})
_TEXT_SIPS = frozenset({"Sip", "Uri"})
_TEXT_TARGETS = _TEXT_URLS | _TEXT_NUMBERS | _TEXT_SIPS
_TEXT_READ = _TEXT_TARGETS | {"Say", "Sms", "Message", "Body", "Enqueue"}
_SOCKETS = frozenset({"Stream", "ConversationRelay"})
_LAST = frozenset({"Hangup", "Reject", "Redirect"})


class TwimlRefused(TocsinError):  # noqa: N818  it names what happened to the document
    """The document may not leave: Twilio would refuse it, or the configuration does not allow it.

    `code` is Twilio's error code, or 0 where the policy refuses; `line` counts from 1 in the text given.
    """

    def __init__(self, code: int, message: str, line: int) -> None:
        super().__init__(message)
        self.code, self.message, self.line = code, message, line


@dataclass(frozen=True, slots=True)
class TwimlWarning:
    """What Twilio would warn of (by its code), or code 0 for advice of ours; `line` counts from 1."""

    code: int
    message: str
    line: int

    def __str__(self) -> str:
        """Give `line 3: Twilio 13314: …`."""
        whose = f"Twilio {self.code}: " if self.code else ""
        return f"line {self.line}: {whose}{self.message}"


class _Mark:
    """What an attribute names, where that is more than a value."""


_URL, _NUMBER, _UNKNOWN = _Mark(), _Mark(), _Mark()


@dataclass(frozen=True, slots=True)
class Element:
    """One tag: its children, and for each attribute a rule, a mark or None where any text will do.

    A shadow is what Twilio skips: an unknown tag and all inside it. It is held against the policy as the
    element whose name it resembles, and never warned of twice.
    """

    tag: str
    attributes: dict[str, Rule | _Mark | None]
    kids: frozenset[str]
    reads_text: bool
    shadow: bool = False


def is_url_attribute(name: str) -> bool:
    """Say whether an attribute names a URL: url, action, and whatever ends in Url, Uri or Callback."""
    return name.lower().endswith(_URL_ENDINGS)


def _meaning(tag: str, name: str, rules: dict[str, Rule]) -> Rule | _Mark | None:
    if is_url_attribute(name):
        return _URL
    if name == "to" and tag in {"Sms", "Message"}:
        return _NUMBER
    return rules.get(name)


def _elements() -> dict[str, Element]:
    attributes: dict[str, set[str]] = {}
    kids: dict[str, set[str]] = {}
    for name, (tag, *_, children) in ELEMENTS.items():
        if tag != "Response":
            attributes.setdefault(tag, set()).update(attribute_names(name))
            kids.setdefault(tag, set()).update(ELEMENTS[child][0] for _, child in children)
    found = {}
    for tag, names in attributes.items():
        rules = rules_for(tag)
        meanings = {name: _meaning(tag, name, rules) for name in sorted({*names, *rules})}
        found[tag] = Element(tag, meanings, frozenset(kids[tag]), tag in _TEXT_READ)
    return found


def _root(class_name: str) -> Element:
    children = frozenset(ELEMENTS[child][0] for _, child in ELEMENTS[class_name][4])
    return Element("Response", {}, children, reads_text=True)


_KNOWN = _elements()
_SHADOWS = {
    tag.lower(): Element(tag, {}, frozenset(), element.reads_text, shadow=True)
    for tag, element in _KNOWN.items()
}
_NOTHING = Element("", {}, frozenset(), reads_text=False, shadow=True)
_ROOTS: dict[Kind, Element] = {"voice": _root("VoiceResponse"), "message": _root("MessagingResponse")}
_MESSAGE_TAGS = frozenset({"Message", "Body", "Media", "Redirect"})
_VOICE_TAGS = frozenset(_KNOWN) - _MESSAGE_TAGS | {"Redirect"}
_TAGS: dict[Kind, frozenset[str]] = {"voice": _VOICE_TAGS, "message": _MESSAGE_TAGS}
_NESTING_CODES = {"Gather": 13320, "Dial": 13215}


class Reading:
    """The state of one reading; `root`, `start`, `end`, `text`, `split` and `doctype` take the events."""

    __slots__ = (
        "_at", "_ended", "_inner", "_kind", "_lines_before", "_open", "_parser", "_pins", "_policy", "_text",
        "warnings",
    )  # fmt: skip

    def __init__(
        self, parser: XMLParserType, policy: Egress, kind: Kind, pins: Collection[str], lines_before: int
    ) -> None:
        self._parser, self._policy, self._kind, self._pins = parser, policy, kind, pins
        self._lines_before = lines_before
        self.warnings: list[TwimlWarning] = []
        self._at = _NOTHING  # the element being read
        self._open: list[tuple[Element, str]] = []  # those around it, with their text so far
        self._text = ""
        self._inner = False  # whether something stands in the element being read beside one text
        self._ended = ""  # the verb after which nothing runs

    def root(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the outermost element, which must be Response."""
        if tag != "Response":
            raise self._refusal(12102, f"the outermost element is <{tag[:40]}>, but it must be <Response>")
        self._parser.StartElementHandler = self.start
        self._at = _ROOTS[self._kind]
        for name, value in attributes.items():
            self._odd_attribute(name, value)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take the beginning of an element."""
        around = self._at
        element = _KNOWN.get(tag)
        if element is None or tag not in around.kids:
            element = self._odd_element(tag, around)
        if element.tag in self._policy.refused_verbs:
            raise self._refusal(
                POLICY, f"scripts may not use <{element.tag}> unless [scripts].verbs lists it"
            )
        if self._ended and not self._open:
            self._warn(POLICY, f"<{tag}> is never reached, since nothing runs after <{self._ended}>")
            self._ended = ""
        self._open.append((around, self._text))
        self._at, self._text, self._inner = element, "", False
        meanings = element.attributes
        for name, value in attributes.items():
            meaning = meanings.get(name, _UNKNOWN)
            if meaning is not None:
                self._attribute(name, value, meaning)

    def text(self, data: str) -> None:
        """Take a piece of text."""
        if self._at.reads_text:
            self._text += data

    def split(self, *_: str) -> None:
        """Take a comment or processing instruction: the texts beside it need not be one to Twilio."""
        self._inner = True

    def doctype(self, *_: object) -> None:
        """Take a DOCTYPE, which no TwiML has."""
        raise self._refusal(12100, "the response has a DOCTYPE, which TwiML has not; take it out")

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if self._at.reads_text:
            self._read_text(self._at.tag, self._text.strip())
        if self._open:
            self._at, self._text = self._open.pop()
            self._inner = True
            if not self._open and tag in _LAST:
                self._ended = tag

    def release(self) -> None:
        """Let go of the parser, which holds this reading's methods: no circle is left to be collected."""
        del self._parser

    def _warn(self, code: int, message: str) -> None:
        line = self._parser.CurrentLineNumber + self._lines_before
        self.warnings.append(TwimlWarning(code, message, line))

    def _refusal(self, code: int, message: str) -> TwimlRefused:
        return TwimlRefused(code, message, self._parser.CurrentLineNumber + self._lines_before)

    def _odd_element(self, tag: str, around: Element) -> Element:
        shadow = _SHADOWS.get(tag.rpartition(":")[2].lower(), _NOTHING)
        if around.shadow:
            return shadow
        if tag in _TAGS[self._kind]:
            code = _NESTING_CODES.get(around.tag, SCHEMA_WARNING)
            self._warn(code, f"<{tag}> is not allowed in <{around.tag}>")
            return _KNOWN[tag]
        meant = f"; did you mean <{shadow.tag}>?" if shadow.tag in around.kids and shadow.tag != tag else ""
        self._warn(SCHEMA_WARNING, f"Twilio does not know <{tag[:40]}> and skips it with all inside{meant}")
        return shadow

    def _attribute(self, name: str, value: str, meaning: Rule | _Mark) -> None:
        if meaning is _URL:
            self._url(value, f"{self._at.tag}'s {name}", socket=self._at.tag in _SOCKETS)
        elif isinstance(meaning, Rule):
            if not meaning.accepts(value):
                says = f"{self._at.tag}'s {name} is {_shown(value)}, but Twilio takes {meaning.wants}"
                if meaning.fatal:
                    raise self._refusal(meaning.code, says)
                self._warn(meaning.code, says)
        elif meaning is _NUMBER:
            self._number(value, f"{self._at.tag}'s {name}")
        else:
            self._odd_attribute(name, value)

    def _odd_attribute(self, name: str, value: str) -> None:
        prefix, _, local = name.rpartition(":")
        tag = self._at.tag or "An unknown element"
        if name == "xml:base":
            raise self._refusal(POLICY, "xml:base would change where every relative URL leads; take it out")
        if is_url_attribute(local):
            self._url(value, f"{tag}'s {name[:40]}", socket=False)
        if local.lower() == "to" and self._at.tag in {"Sms", "Message"}:
            self._number(value, f"{tag}'s {name[:40]}")
        declares = prefix in {"xml", "xmlns", "xsi"} or name == "xmlns"
        if self._open and not self._at.shadow and not declares:
            self._warn(SCHEMA_WARNING, f"<{tag}> has no attribute {name[:40]}")

    def _url(self, value: str, place: str, *, socket: bool) -> None:
        fault = self._policy.url_fault(value, socket=socket)
        if fault is not None:
            raise self._refusal(POLICY, f"{place}: {fault}")
        # The port of our own address may well be somebody's PIN; it stands in every URL and tells nothing.
        if self._pins and holds_pin(value.removeprefix(self._policy.own), self._pins):
            raise self._refusal(
                POLICY, f"{place} holds a PIN; URLs are stored and logged, so no PIN may stand in one"
            )

    def _number(self, value: str, place: str) -> None:
        fault = self._policy.number_fault(value)
        if fault is not None:
            raise self._refusal(POLICY, f"{place}: {fault}")

    def _read_text(self, tag: str, text: str) -> None:
        if text and self._inner and tag in _TEXT_TARGETS:
            raise self._refusal(
                POLICY, f"<{tag}> must hold its address as one text, without elements or comments in between"
            )
        if tag in _TEXT_URLS:
            if text:
                self._url(text, f"<{tag}>", socket=False)
        elif tag in _TEXT_NUMBERS:
            self._dialled(tag, text)
        elif tag in _TEXT_SIPS:
            fault = self._policy.sip_fault(text) if text else None
            if fault is not None:
                raise self._refusal(POLICY, f"<{tag}>: {fault}")
        else:
            self._spoken_or_sent(tag, text)

    def _dialled(self, tag: str, text: str) -> None:
        if text:
            self._number(text, f"<{tag}>")
        elif tag != "Dial":
            self._warn(13223, f"<{tag}> names no number")

    def _spoken_or_sent(self, tag: str, text: str) -> None:
        size = len(text)
        if tag == "Response":
            if text:
                self._warn(POLICY, f"the text {_shown(text)} stands outside of any verb, so nobody hears it")
        elif tag == "Say":
            if not text and not self._inner:
                self._warn(13520, "<Say> has nothing to say")
            elif size > LONGEST_SPEECH:
                self._warn(13521, f"<Say> has {size} characters; Twilio speaks {LONGEST_SPEECH} at most")
        elif tag == "Enqueue":
            if size > LONGEST_QUEUE_NAME:
                raise self._refusal(14205, f"the queue's name has {size} characters; at most 64 are allowed")
        elif size > LONGEST_MESSAGE or (tag == "Sms" and not text):
            self._warn(14103, f"<{tag}> has {size} characters; Twilio sends 1 to {LONGEST_MESSAGE}")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")
