"""What an answer by text means. Pure, and the same on every channel on which people write.

The whole of a text must be understood, or none of it is: "not 47" acknowledges nothing. Letter case,
blanks, quotation marks and "#" do not matter.

    47 · ack 47 · 47 48 51 · all · ack       acknowledge; bare `ack` only where exactly one is open
    47 4711                                  with a PIN; 4711 alone answers what was asked last
    47 n pump runs dry                       with a note
    47e · 47s30 · 47s2h                      pass to the next person; shelve for 30 minutes, two hours
    ? · help · stop · start                  what is open; how to answer; no more texts; texts again
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from tocsin.calls.replying.words import roles

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tocsin.calls.replying.words import Role

Kind: TypeAlias = Literal[
    "acknowledge", "acknowledge-all", "acknowledge-only", "pass", "shelve", "pin",
    "status", "help", "stop", "start", "unknown",
]  # fmt: skip

LONGEST: Final = 1600
"""Characters of a text that are looked at: as many as Twilio delivers."""
LONGEST_NOTE: Final = 500
MOST_MINUTES: Final = 24 * 60
"""Nothing is shelved for longer by text; what asks for more gets this."""

_PIECE: Final = re.compile(r"(?P<number>[0-9]+)|(?P<word>[^\W\d_]+)|(?P<question>\?)|(?P<other>\S)")
_IGNORED: Final = re.compile(
    r"""[\s"'`\u00b4#,;.!:()\[\]&+*\u2018\u2019\u201a-\u201f\u00ab\u00bb\u2039\u203a]+"""
)
_PIN_AT_END: Final = re.compile(r"""(?:^|(?<=[\s"'#]))[0-9]{4,8}["'#.!]*$""")
_SHORT: Final[dict[str, str]] = {"shelve": "s", "minutes": "m", "hours": "h"}
_SHELVING: Final = re.compile(
    r"(?P<named>[0-9]+(?: [0-9]+)*) s"
    r"(?: (?P<time>[0-9]{1,4}(?= [mh])|[0-9]{1,3}(?! [mh])(?= |$))(?: (?P<unit>[mh]))?)?"
    r"(?: (?P<pin>[0-9]{4,8}))?"
)
_SHELVE_FIRST: Final = re.compile(
    r"s (?P<numbers>[0-9]+(?: [0-9]+)*)(?: (?P<unit>[mh])(?: (?P<pin>[0-9]{4,8}))?)?"
)
_CODE_DIGITS: Final = (2, 3)  # longer ones are codes only where they are known to be
_PIN_DIGITS: Final = range(4, 9)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a text asks for.

    `codes` are those it names, in its order, each once. `acknowledge-only` is an acknowledgement that names
    nothing. `minutes` is for how long to shelve, None where it does not say.
    """

    kind: Kind
    codes: tuple[str, ...] = ()
    note: str = ""
    minutes: int | None = None
    pin: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Item:
    """One number or word: `role` is what the word means, "number", or "?" for a question mark."""

    role: Role | Literal["number", "?"]
    text: str = ""


NOT_UNDERSTOOD: Final = Reply("unknown")


def read_reply(text: str, *, codes: Collection[str] = (), language: str = "en") -> Reply:
    """Read an answer; never raises.

    `codes` are those this person can name now: they tell a code of four digits from a PIN. `language` is
    the person's, such as "sv-SE".
    """
    items, note = _items(_normal(text), roles(language))
    if items is None:
        return NOT_UNDERSTOOD
    reply = _reply(items, codes)
    if note is None:
        return reply
    if not reply.kind.startswith("acknowledge"):
        return NOT_UNDERSTOOD
    return _with_note(reply, note)


def written(reply: Reply) -> str:
    """Write an answer as a person would; `read_reply` gives the same back."""
    pin = [reply.pin] if reply.pin else []
    note = ["n", reply.note] if reply.note else []
    codes = list(reply.codes)
    if reply.kind == "pass":
        return " ".join([*(f"{code}e" for code in codes), *pin])
    if reply.kind == "shelve":
        minutes = "" if reply.minutes is None else f"{reply.minutes}m"
        return " ".join([*codes, f"s{minutes}", *pin])
    words = {"acknowledge-all": "all", "acknowledge-only": "ack", "status": "?"}
    words |= {kind: kind for kind in ("help", "stop", "start")}
    said = [words[reply.kind]] if reply.kind in words else []
    return " ".join([*said, *codes, *pin, *note])


def without_pins(text: str) -> str:
    """Give a text as it may be stored: whatever could be a PIN is replaced by `PIN#`."""
    return re.sub(r"\d{4,}", "PIN#", text)


def without(pin: str, text: str) -> str:
    """Give a text with one PIN replaced by `PIN#`, wherever it stands by itself."""
    return re.sub(rf"(?<![0-9]){re.escape(pin)}(?![0-9])", "PIN#", text)


def _normal(text: str) -> str:
    """Give a text with full-width and foreign digits as plain ones, and without what cannot be seen."""
    known = unicodedata.normalize("NFKC", text[:LONGEST])
    return "".join(map(_seen, known))


def _seen(letter: str) -> str:
    if letter.isascii():
        return letter
    if unicodedata.category(letter) in ("Cf", "Cc", "Cs"):
        return " "
    digit = unicodedata.decimal(letter, None)
    return letter if digit is None else str(digit)


def _items(text: str, known: Mapping[str, Role]) -> tuple[list[_Item] | None, str | None]:
    """Give what stands in a text up to a note, and the note; (None, ...) where a word is not known."""
    items: list[_Item] = []
    at = 0
    while at < len(text):
        if (skipped := _IGNORED.match(text, at)) is not None:
            at = skipped.end()
            continue
        piece = _PIECE.match(text, at)
        if piece is None or piece["other"]:
            return None, None
        at = piece.end()
        if piece["word"]:
            role = known.get(piece["word"].casefold())
            if role is None:
                return None, None
            if role == "note":
                return items, text[at:]
            if role != "and":
                items.append(_Item(role))
        else:
            items.append(_Item("number", piece["number"]) if piece["number"] else _Item("?"))
    return items, None


def _reply(items: Sequence[_Item], codes: Collection[str]) -> Reply:
    found = {one.role for one in items} - {"number"}
    numbers = [one.text for one in items if one.role == "number"]
    if "?" in found:
        # It makes a question of whatever stands beside it; a PIN says who asks.
        return _asking(numbers if found == {"?"} else [], codes)
    if found & {"status", "help", "stop", "start"}:
        return _alone(items, numbers, codes)
    if "shelve" in found:
        return _shelving(items, codes)
    named = None if found - {"acknowledge", "all", "pass"} else _named(numbers, codes)
    if named is None:
        return NOT_UNDERSTOOD
    if "pass" in found:
        return _passing(items, named) if found == {"pass"} else NOT_UNDERSTOOD
    return _acknowledging(found, named)


def _acknowledging(found: set[Any], named: Reply) -> Reply:
    """Tell what is acknowledged: what is named, else all, else the only one; a PIN alone is an answer too."""
    if named.codes:
        return named
    if "all" in found:
        return replace(named, kind="acknowledge-all")
    if found:
        return replace(named, kind="acknowledge-only")
    return replace(named, kind="pin") if named.pin else NOT_UNDERSTOOD


def _named(numbers: Sequence[str], codes: Collection[str]) -> Reply | None:
    """Tell codes from a PIN; None where a number is neither, or where there are two PINs."""
    named: list[str] = []
    pin: str | None = None
    for number in numbers:
        if number in codes or len(number) in _CODE_DIGITS:
            named.append(number)
        elif len(number) in _PIN_DIGITS and pin is None:
            pin = number
        else:
            return None
    return Reply("acknowledge", tuple(dict.fromkeys(named)), pin=pin)


def _asking(numbers: Sequence[str], codes: Collection[str]) -> Reply:
    """Read a question; a PIN beside it tells who asks."""
    named = _named(numbers, codes)
    return Reply("status", pin=named.pin if named is not None and not named.codes else None)


def _alone(items: Sequence[_Item], numbers: Sequence[str], codes: Collection[str]) -> Reply:
    """Read a word that stands for itself; beside `status` there may be a PIN."""
    words = [one.role for one in items if one.role != "number"]
    if len(words) != 1 or (numbers and words[0] != "status"):
        return NOT_UNDERSTOOD
    if words[0] == "status":
        return _asking(numbers, codes)
    kinds: dict[str, Kind] = {"help": "help", "stop": "stop", "start": "start"}
    return Reply(kinds[words[0]])


def _passing(items: Sequence[_Item], named: Reply) -> Reply:
    """Read `47e`, `47 48 e`, `47e 48e` or `pass 47 48`; nothing is done where a code has no action."""
    shape = "".join(
        "e" if one.role == "pass" else "c" for one in items if one.role == "pass" or one.text in named.codes
    )
    if re.fullmatch(r"(?:c+e)+|ec+", shape) is None:
        return NOT_UNDERSTOOD
    return replace(named, kind="pass")


def _shelving(items: Sequence[_Item], codes: Collection[str]) -> Reply:
    """Read `47s`, `47 48 s30`, `47s2h` or `shelve 47 30`, each with a PIN or without."""
    said = " ".join(_SHORT.get(one.role, "x") if one.role != "number" else one.text for one in items)
    fitting = _SHELVING.fullmatch(_turned(said, codes))
    if fitting is None or fitting["pin"] in codes:
        return NOT_UNDERSTOOD
    found = _named([*fitting["named"].split(), *filter(None, [fitting["pin"]])], codes)
    if found is None or not found.codes:
        return NOT_UNDERSTOOD
    if fitting["time"] is None:
        return replace(found, kind="shelve")
    minutes = int(fitting["time"]) * (60 if fitting["unit"] == "h" else 1)
    return replace(found, kind="shelve", minutes=min(minutes, MOST_MINUTES)) if minutes else NOT_UNDERSTOOD


def _turned(said: str, codes: Collection[str]) -> str:
    """Put the action behind its codes where it stands in front of them: `s 47 30` becomes `47 s 30`."""
    fitting = _SHELVE_FIRST.fullmatch(said)
    if fitting is None:
        return said
    numbers, unit, pin = fitting["numbers"].split(), fitting["unit"], fitting["pin"]
    if not unit and len(numbers) > 1 and len(numbers[-1]) in _PIN_DIGITS and numbers[-1] not in codes:
        pin = numbers.pop()
    timed = unit or (numbers[-1] not in codes and len(numbers[-1]) < min(_PIN_DIGITS))
    time = numbers.pop() if timed and len(numbers) > 1 else None
    return " ".join(part for part in (*numbers, "s", time, unit, pin) if part)


def _with_note(reply: Reply, note: str) -> Reply:
    """Put a note to an acknowledgement; a PIN may stand at its end."""
    said = " ".join(note.split()).strip(" \"'#,;:")
    if reply.pin is None and (last := _PIN_AT_END.search(said)) is not None:
        reply = replace(reply, pin=re.sub(r"\D", "", last[0]))
        said = said[: last.start()].rstrip(" \"'#,;:")
    if not said and reply.pin is None:
        return NOT_UNDERSTOOD
    if reply.pin is not None:
        said = without(reply.pin, said)
    return replace(reply, note=said[:LONGEST_NOTE])
