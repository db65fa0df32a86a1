"""What may be an alarm's path, and which name an alarm has. Pure text."""

from __future__ import annotations

from typing import Final

LONGEST_PATH: Final = 512


def fault_of_path(path: str) -> str | None:
    """Say what is wrong with a path such as `Plant/Pump 2/High level`, None if nothing is."""
    if not path.strip(" /"):
        return "an alarm needs a path such as Plant/Pump 2/High level"
    if len(path) > LONGEST_PATH:
        return f"the path has {len(path)} characters; at most {LONGEST_PATH} are kept"
    if not is_plain(path):
        return "the path holds a control character; write plain text"
    return None


def plain(text: str) -> str:
    """Take out what no screen shows and not every database keeps: control characters, lone surrogates.

    Controllers pad fixed-length texts with such characters; without them it is the same text.
    """
    if text.isprintable():
        return text.strip()
    return "".join(" " if _is_odd(character) else character for character in text).strip()


def is_plain(text: str) -> bool:
    """Tell whether there is nothing in a text that `plain` would take out."""
    return text.isprintable() or not any(map(_is_odd, text))


def _is_odd(character: str) -> bool:
    return character < " " or "\x7f" <= character < "\xa0" or "\ud800" <= character <= "\udfff"


def name_of(path: str) -> str:
    """Give the name of an alarm that was given none: the last part of its path."""
    return next((part for part in reversed(path.split("/")) if part.strip()), path)
