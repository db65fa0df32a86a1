"""What to tell a script's author about an exception: the script's own line and one short sentence.

Works on hostile exceptions: their arguments may be huge, nested or unprintable, and nothing here may
raise because of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tocsin.sandbox import allowed, formatting
from tocsin.sandbox.report import printable

if TYPE_CHECKING:
    from collections.abc import Container

SENTENCE_CHARS: Final = 500
_NO_NAME: Final = re.compile(r"name '(\w+)' is not defined")
_OF_OURS: Final = re.compile(r"[A-Z]\w*\.(\w+)\(\) (.+)", re.DOTALL)
_TAKES: Final = re.compile(r"takes (?:from \d+ to )?(\d+) positional arguments? but (\d+) (?:was|were) given")


def place(error: BaseException, names: Container[str]) -> tuple[str, int] | None:
    """Return the innermost (file name, line) that lies in one of the scripts `names`, if any does."""
    found = None
    step = error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if file in names:
            found = (file, step.tb_lineno)
        step = step.tb_next
    return found


def sentence(error: BaseException) -> str:
    """Return `TypeName: text`, at most SENTENCE_CHARS long, without addresses or half characters."""
    name = type(error).__name__
    try:
        text = formatting.text(error)
    except Exception:  # noqa: BLE001 - the text of a script's exception is made by the script's values
        text = ""
    if isinstance(error, MemoryError):
        text = "the script needs more memory than it may have"
    elif text.startswith("Exceeds the limit"):
        text = "a number of more than 4300 digits cannot be read from text or shown as text"
    missing = _NO_NAME.match(text) if type(error) is NameError else None
    if missing and missing[1] in allowed.INSTEAD:
        text = f"there is no {missing[1]!r} for scripts: {allowed.INSTEAD[missing[1]]}"
    if type(error) is TypeError:
        text = _as_called(text)
    if len(text) > SENTENCE_CHARS:
        text = text[:SENTENCE_CHARS] + "..."
    return printable(f"{name}: {text}" if text else name)


def _as_called(text: str) -> str:
    """Tell of a wrong call as its author wrote it: Python names the class, and counts the object it is of."""
    ours = _OF_OURS.match(text)
    if ours is None:
        return text
    name, what = ours.groups()
    takes = _TAKES.match(what)
    if takes is not None:
        most, given = int(takes[1]) - 1, int(takes[2]) - 1
        what = f"takes up to {most} argument{'' if most == 1 else 's'} without a name, and {given} were given"
    what = what.replace("got multiple values for argument 'self'", "takes no argument 'self'")
    return f"{name}() {what}"
