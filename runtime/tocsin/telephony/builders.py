"""Builders of TwiML with twilio's names, signatures and output, for scripts.

Written on our own because scripts run inside locked workers, where the real classes never come: they would
bring ElementTree, `json` hooks and freely readable attributes. Every class stems from one row of
`table.elements`; the text they give is byte for byte what `twilio.twiml` gives, with three kindnesses where
that one writes what Twilio refuses or stops with an error of the XML library: numbers count as text, a list
or tuple is written with blanks between its values, and a name that is no XML name is refused.

Imports nothing but the standard library and the table. `ATTRIBUTES` tells the sandbox which methods of
which class a script may reach, `NAMES` which classes are its globals.
"""

# ruff: noqa: SLF001  the writer stands beside the class whose parts it reads

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Self

from tocsin.telephony.table.elements import ELEMENTS

if TYPE_CHECKING:
    from collections.abc import Callable

HEADER = '<?xml version="1.0" encoding="UTF-8"?>'

_MOST_PIECES = 100_000
_DEEPEST = 100
_XML_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*(:[A-Za-z_][A-Za-z0-9_.-]*)?", re.ASCII)
_RENAMED = {
    "from_": "from",
    "xml_lang": "xml:lang",
    "interpret_as": "interpret-as",
    "for_": "for",
    "break_": "break",
}


class TwiMLException(Exception):  # noqa: N818  twilio's name for it
    """A builder was given something of which no TwiML can be made."""


def _xml_name(name: str, what: str) -> str:
    if not isinstance(name, str) or _XML_NAME.fullmatch(name) is None:
        # A text is shown; what anything else shows of itself may be an address in memory.
        shown = repr(name[:40]) if isinstance(name, str) else f"a value of type {type(name).__name__}"
        raise TwiMLException(f"{shown} is no name that {what} of TwiML can have")
    return name


def _attribute_name(parameter: str) -> str:
    name = _RENAMED.get(parameter, parameter)
    if "_" in name:
        first, *rest = name.split("_")
        camel = first.title() + "".join([part.title() for part in rest])
        name = camel[:1].lower() + camel[1:]
    return _xml_name(name, "an attribute")


_ATTRIBUTE_NAMES = {
    parameter: _attribute_name(parameter) for row in ELEMENTS.values() for parameter in row[3]
}  # fmt: skip


def attribute_names(class_name: str) -> tuple[str, ...]:
    """Give the attributes that a class's element has in TwiML, in the order of its parameters."""
    _, text, _, parameters, _ = ELEMENTS[class_name]
    return tuple(_ATTRIBUTE_NAMES[parameter] for parameter in parameters if parameter != text)


def _attributes(given: dict[str, Any]) -> dict[str, Any]:
    known = _ATTRIBUTE_NAMES
    return {
        known.get(key) or _attribute_name(key): value for key, value in given.items() if value is not None
    }


def _written(value: Any) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, (list, tuple)):
        return " ".join(map(_written, value))
    if not isinstance(value, (str, int, float)):
        raise TwiMLException(
            f"an attribute is a text, a number or a list of them, not a {type(value).__name__}"
        )
    return str(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, dict):
        return json.dumps(value) if value else ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise TwiMLException(f"the text of an element is a string or a number, not a {type(value).__name__}")


_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What XML 1.0 cannot hold (https://www.w3.org/TR/xml/#charsets); an alarm's text may come from anywhere.


def _escaped(text: str) -> str:
    if not text.isprintable():
        text = _NOT_XML.sub("", text)
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text


def _quoted(text: str) -> str:
    text = _escaped(text)
    if '"' in text:
        text = text.replace('"', "&quot;")
    if not text.isprintable():
        text = text.replace("\r", "&#13;").replace("\n", "&#10;").replace("\t", "&#09;")
    return text


class TwiML:
    """An element of TwiML: its attributes, its text and what is nested in it."""

    __slots__ = ("_attributes", "_nested", "_tag", "_value")

    _tag: str
    _value: Any
    _attributes: dict[str, Any]
    _nested: list[TwiML | str]

    def __init__(self, tag: str, value: Any, attributes: dict[str, Any]) -> None:
        if value is not None:
            _text(value)  # says at once, and in the right line, what cannot be written later
        self._tag, self._value, self._attributes = tag, value, _attributes(attributes)
        self._nested = []

    def __enter__(self) -> Self:
        """Give the element itself, so that `with response.gather() as gather:` reads well."""
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing: leaving the block ends no element."""

    def __str__(self) -> str:
        return self.to_xml()

    def __repr__(self) -> str:
        return f"<TwiML {self._tag}>"

    def append(self, verb: TwiML | str) -> Self:
        """Put an element or a text at the end and return this element."""
        self.nest(verb)
        return self

    def nest(self, verb: TwiML | str) -> TwiML | str:
        """Put an element or a text at the end and return that one."""
        if not isinstance(verb, (TwiML, str)):
            raise TwiMLException(f"only TwiML and strings can be nested, not a {type(verb).__name__}")
        self._nested.append(verb)
        return verb

    def add_child(self, name: str, value: Any = None, **attributes: Any) -> TwiML:
        """Put an element of any name at the end and return it."""
        child = GenericNode(name, value, **attributes)
        self._nested.append(child)
        return child

    def to_xml(self, xml_declaration: bool = True) -> str:
        """Give the document as text, with the XML header unless told otherwise."""
        pieces: list[str] = []
        _write(self, pieces, 0)
        # A lone surrogate becomes a character reference, as in twilio's output.
        xml = "".join(pieces).encode("utf-8", "xmlcharrefreplace").decode("utf-8")
        return HEADER + xml if xml_declaration else xml


def _write(node: TwiML, pieces: list[str], depth: int) -> None:
    if depth > _DEEPEST or len(pieces) > _MOST_PIECES:
        raise TwiMLException("the TwiML is nested too deep or too large; is an element nested in itself?")
    pieces.append("<" + node._tag)
    attributes = node._attributes
    pieces += [f' {name}="{_quoted(_written(attributes[name]))}"' for name in sorted(attributes)]
    lead, children = _with_tails(node)
    if not lead and not children:
        pieces.append(" />")
        return
    pieces.append(">" + _escaped(lead))
    for child, tail in children:
        _write(child, pieces, depth + 1)
        if tail:
            pieces.append(_escaped(tail))
    pieces.append(f"</{node._tag}>")


def _with_tails(node: TwiML) -> tuple[str, list[tuple[TwiML, str]]]:
    # A string takes the place of the text or tail that stood there before, as in twilio's.
    lead = _text(node._value)
    children: list[tuple[TwiML, str]] = []
    for nested in node._nested:
        if isinstance(nested, TwiML):
            children.append((nested, ""))
        elif children:
            children[-1] = (children[-1][0], nested)
        else:
            lead = nested
    return lead, children


class GenericNode(TwiML):
    """An element that Twilio may know and this table does not."""

    __slots__ = ()

    def __init__(self, name: str, value: Any = None, **attributes: Any) -> None:
        super().__init__(_xml_name(name, "an element"), value, attributes)


def _initializer(class_name: str) -> Callable[..., None]:
    tag, text, required, _, _ = ELEMENTS[class_name]

    def __init__(self: TwiML, *given: Any, **attributes: Any) -> None:  # noqa: N807  it becomes the class's
        value = None
        if given or text in attributes or required:
            value = _the_text(class_name, text, given, attributes)
        TwiML.__init__(self, tag, value, attributes)

    return __init__


def _the_text(class_name: str, text: str | None, given: tuple[Any, ...], attributes: dict[str, Any]) -> Any:
    if text is None or len(given) > 1:
        takes = "only keyword arguments" if text is None else f"one argument without a keyword, {text}"
        raise TypeError(f"{class_name} takes {takes}; write the others as name=value")
    if given and text in attributes:
        raise TypeError(f"{class_name} got {text} twice")
    if not given and text not in attributes:
        raise TypeError(f"{class_name} needs {text}")
    return given[0] if given else attributes.pop(text)


def _maker(method: str, made: type[TwiML], class_name: str) -> Callable[..., TwiML]:
    tag, text, required, parameters, _ = ELEMENTS[class_name]

    def make(self: TwiML, *given: Any, **attributes: Any) -> TwiML:
        if given:
            _name_positionals(method, parameters, given, attributes)
        if required and text not in attributes:
            raise TypeError(f"{method} needs {text}")
        child = made.__new__(made)
        TwiML.__init__(child, tag, attributes.pop(text, None) if text else None, attributes)
        self._nested.append(child)
        return child

    return make


def _name_positionals(
    method: str, parameters: tuple[str, ...], given: tuple[Any, ...], attributes: dict[str, Any]
) -> None:
    if len(given) > len(parameters):
        raise TypeError(
            f"{method} takes at most {len(parameters)} arguments: {', '.join(parameters) or 'none'}"
        )
    for parameter, value in zip(parameters, given, strict=False):
        if parameter in attributes:
            raise TypeError(f"{method} got {parameter} twice")
        attributes[parameter] = value


def _classes() -> dict[str, type[TwiML]]:
    classes: dict[str, type[TwiML]] = {}
    for name, (tag, *_) in ELEMENTS.items():
        body = {
            "__slots__": (),
            "__init__": _initializer(name),
            "__doc__": f"The TwiML element <{tag}>.",
            "__module__": __name__,
        }
        classes[name] = type(name, (TwiML,), body)
    for name, row in ELEMENTS.items():
        for method, child in row[4]:
            make = _maker(method, classes[child], child)
            make.__name__, make.__qualname__ = method, f"{name}.{method}"
            make.__doc__ = f"Nest <{ELEMENTS[child][0]}> at the end and return it."
            setattr(classes[name], method, make)
    return classes


NAMES: dict[str, type[TwiML]] = _classes()
"""The classes by the names under which scripts know them."""

_EVERYWHERE = frozenset({"append", "nest", "add_child", "to_xml"})

ATTRIBUTES: dict[type, frozenset[str]] = {
    GenericNode: _EVERYWHERE,
    **{NAMES[name]: _EVERYWHERE | {method for method, _ in row[4]} for name, row in ELEMENTS.items()},
}
"""The methods of each class, by exact type; nothing else of an element can be read by a script."""


def __getattr__(name: str) -> Any:
    """Let `from tocsin.telephony.builders import VoiceResponse` find the generated classes."""
    try:
        return NAMES[name]
    except KeyError:
        raise AttributeError(f"there is no builder {name!r}") from None
