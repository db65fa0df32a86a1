"""TwiML on its way out: read once, held against Twilio's rules and the project's egress policy.

What Twilio would refuse is refused here, where the default script can still answer; what Twilio would
warn of is handed back with Twilio's code. What the configuration does not allow is refused whatever Twilio
would do. Sources: https://www.twilio.com/docs/voice/twiml and the error dictionary.

What must not live here: the policy itself (`egress`), values of attributes (`attribute_rules`), and what
becomes of a refusal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.parsers import expat

from tocsin.telephony.builders import HEADER
from tocsin.telephony.egress import Egress, matching
from tocsin.telephony.injection import MARKUP, escaped_from
from tocsin.telephony.reading import POLICY, Kind, Reading, TwimlRefused, TwimlWarning

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["POLICY", "Checked", "Egress", "Kind", "TwimlRefused", "TwimlWarning", "check", "matching"]

LONGEST_DOCUMENT = 64 * 1024

_DECLARATION = re.compile(r"<\?xml\s[^<>?]*\?>\s*")
_BLANK = "\ufeff \t\r\n"
_CODES = expat.errors.codes
_ADVICE = {
    _CODES[expat.errors.XML_ERROR_INVALID_TOKEN]: "write & as &amp; and < as &lt; (html.escape does both), "
    "and leave control characters out",
    _CODES[expat.errors.XML_ERROR_TAG_MISMATCH]: "an element is closed by the tag of another",
    _CODES[expat.errors.XML_ERROR_NO_ELEMENTS]: "an element is not closed",
    _CODES[expat.errors.XML_ERROR_UNCLOSED_TOKEN]: "a tag, comment or quotation is not closed",
    _CODES[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]: "something stands after </Response>",
    _CODES[expat.errors.XML_ERROR_UNDEFINED_ENTITY]: "only &amp; &lt; &gt; &quot; and &apos; are known; "
    "write other characters as they are",
    _CODES[expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE]: "an attribute stands twice in one tag",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """TwiML fit to be sent: the text, with the XML header, and what Twilio would warn of."""

    text: str
    warnings: tuple[TwimlWarning, ...]


def check(
    text: str, egress: Egress, given: Mapping[str, str], *, pins: Collection[str] = (), kind: Kind = "voice"
) -> Checked:
    """Hold TwiML against Twilio's rules and the policy, and give the text to send.

    `given` are the parameters of the webhook, `pins` the PINs known in this turn. Blanks before the root
    or before the XML header are taken away (Twilio would refuse the latter, 12100), the header is added or
    replaced by the usual one, since the answer is sent as UTF-8 whatever a header claims.

    Raises TwimlRefused: with Twilio's code for what it would not run (12100 not well-formed, 12102 wrong
    root, 11750 more than 64 kB, a few attribute values); with code 0 for a number, host or verb that is
    not allowed, a PIN in a URL, and words of the caller that became markup.
    """
    start = _start_of_root(text)
    before = text.count("\n", 0, start)
    body = text[start:]
    data = body.encode("utf-8", "surrogatepass")
    if len(data) + len(HEADER) > LONGEST_DOCUMENT:
        raise TwimlRefused(11750, f"the response has {len(data)} bytes; Twilio reads 64 kB at most", 1)
    warnings = _read(body, data, egress, kind, pins, before)
    if MARKUP.search("".join(given.values())) is not None:
        _refuse_injection(body, given, before)
    return Checked(text if text.startswith(HEADER) else HEADER + body, tuple(warnings))


def _start_of_root(text: str) -> int:
    if text.startswith(HEADER):
        return len(HEADER)
    lead = len(text) - len(text.lstrip(_BLANK))
    declaration = _DECLARATION.match(text, lead)
    return lead if declaration is None else declaration.end()


def _read(
    body: str, data: bytes, egress: Egress, kind: Kind, pins: Collection[str], before: int
) -> list[TwimlWarning]:
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    reading = Reading(parser, egress, kind, pins, before)
    parser.StartElementHandler = reading.root
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    if "<!" in body or "<?" in body:
        parser.StartDoctypeDeclHandler = reading.doctype
        parser.CommentHandler = reading.split
        parser.ProcessingInstructionHandler = reading.split
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise TwimlRefused(12100, _malformed(error, body), error.lineno + before) from None
    finally:
        reading.release()
    return reading.warnings


def _malformed(error: expat.ExpatError, body: str) -> str:
    if not body.strip():
        return "the response is empty"
    if not body.startswith("<"):
        return "the response is no TwiML: it does not begin with <Response>"
    advice = _ADVICE.get(error.code, f"XML says: {expat.ErrorString(error.code)}")
    return f"the response is not well-formed XML (column {error.offset + 1}): {advice}"


def _refuse_injection(body: str, given: Mapping[str, str], before: int) -> None:
    found = escaped_from(body, given.values())
    if found is not None:
        value, offset = found
        name = next(name for name, each in given.items() if each == value)
        raise TwimlRefused(
            POLICY,
            f"the parameter {name} stands in the response as markup; write html.escape({name}) "
            "where it goes in",
            body.count("\n", 0, offset) + 1 + before,
        )
