"""The few TwiML documents tocsin says itself, when no script can: free of anything a caller sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from tocsin.calls.phrases import Speech

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADER = '<?xml version="1.0" encoding="UTF-8"?>'

HANGUP = f"{HEADER}<Response><Hangup/></Response>"
"""For a turn of a call that has ended."""

NOTHING = f"{HEADER}<Response/>"
"""For what is told beside a call, where nobody hears an answer."""

FALLBACK = (
    f'{HEADER}<Response><Pause length="1"/><Say>This is the alarm system. '
    "It cannot take your answer right now. Alarms that are not acknowledged stay open. Goodbye.</Say>"
    "<Hangup/></Response>"
)
"""What is said where not even the language is known: the end of every way, which nothing can make fail."""


def not_now(manner: Mapping[str, Any]) -> str:
    """Return the document for a turn that nothing could answer: no user code, no database."""
    return f'{HEADER}<Response><Pause length="1"/>{_say(manner, "not-now")}<Hangup/></Response>'


def too_long(manner: Mapping[str, Any]) -> str:
    """Return the document for a call beyond its budget of turns or minutes."""
    return f"{HEADER}<Response>{_say(manner, 'too-many-turns')}<Hangup/></Response>"


def one_moment(manner: Mapping[str, Any], url: str) -> str:
    """Return the document that lets a slow commit settle: a sentence, a pause, the same turn again."""
    return (
        f'{HEADER}<Response>{_say(manner, "one-moment")}<Pause length="2"/>'
        f'<Redirect method="POST">{quoteattr(url)[1:-1]}</Redirect></Response>'
    )


def _say(manner: Mapping[str, Any], key: str) -> str:
    """Say a phrase without values the way `manner` lays down (see `phrases.ENGLISH_MANNER`)."""
    voice = f" voice={quoteattr(manner['voice'])}" if manner["voice"] else ""
    text = escape(Speech(manner).phrase(key, {}))
    return f"<Say{voice} language={quoteattr(manner['language'])}>{text}</Say>"
