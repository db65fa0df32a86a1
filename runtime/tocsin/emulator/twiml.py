"""The reader of TwiML: from the body of an answer to a list of verbs, or to the error Twilio would log.

Own code on the standard library's parser; it shares nothing with the product's check of TwiML.
https://www.twilio.com/docs/voice/twiml and https://www.twilio.com/docs/api/errors
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree as ET

MAX_BYTES = 65_536
_XML = ("text/xml", "application/xml", "text/html")


class Unusable(Exception):  # noqa: N818  # reads as a sentence at the place of use
    """An answer that is no document; `code` is Twilio's error code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Document:
    """The verbs of one document and the URL that relative URLs in it are resolved against."""

    verbs: tuple[ET.Element, ...]
    url: str
    text: str


def parse(text: str | bytes, *, url: str = "") -> Document:
    """Read a TwiML document; raises Unusable with 11750, 12100, 12101 or 12102."""
    size = len(text if isinstance(text, bytes) else text.encode())
    if size > MAX_BYTES:
        raise Unusable(11750, f"the TwiML document is {size} bytes; the limit is {MAX_BYTES}")
    if (b"<!DOCTYPE" if isinstance(text, bytes) else "<!DOCTYPE") in text:  # type: ignore[operator]  # same kind on both sides
        raise Unusable(12100, "the TwiML document has a DOCTYPE")
    try:
        root = ET.fromstring(text)  # noqa: S314  # entity declarations need the DOCTYPE refused above
    except (ET.ParseError, ValueError, LookupError) as error:
        raise Unusable(12100, f"the TwiML document does not parse: {error}") from None
    if root.tag != "Response":
        code = 12102 if "response" in root.tag.lower() else 12101
        raise Unusable(code, f"the root element is <{root.tag}>, not <Response>")
    shown = text if isinstance(text, str) else text.decode("utf-8", "replace")
    return Document(tuple(root), url, shown)


def _spoken(tag: str, text: str, url: str) -> Document:
    element = ET.Element(tag)
    element.text = text
    return Document((element,), url, text)


def read(body: bytes, content_type: str, *, url: str) -> Document:
    """Read an answer by its content type: TwiML, a sound to play, or plain text to say.

    Raises Unusable, with 12300 where there is no content type or one that Twilio does not take.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _XML:
        return parse(body, url=url)
    if kind.startswith("audio/"):
        return _spoken("Play", url, url)
    if kind == "text/plain":
        return _spoken("Say", body.decode("utf-8", "replace"), url)
    raise Unusable(12300, f"the content type is {content_type!r}; use application/xml")
