"""The few TwiML documents tocsin says itself, when no script can: free of anything a caller sent."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

HEADER = '<?xml version="1.0" encoding="UTF-8"?>'

HANGUP = f"{HEADER}<Response><Hangup/></Response>"
"""For a turn of a call that has ended."""

FALLBACK = (
    f'{HEADER}<Response><Pause length="1"/><Say>This is the alarm system. '
    "It cannot take your answer right now. The alarm stays unacknowledged. Goodbye.</Say>"
    "<Hangup/></Response>"
)
"""What Twilio's fallback URL answers: no user code, no database."""

TOO_LONG = (
    f"{HEADER}<Response><Say>This call has taken too many turns and ends here. "
    "Alarms that are not acknowledged stay open. Goodbye.</Say><Hangup/></Response>"
)
"""For a call beyond its budget of turns or minutes."""


def one_moment(url: str) -> str:
    """Return the document that lets a slow commit settle: a sentence, a pause, the same turn again."""
    return (
        f'{HEADER}<Response><Say>One moment.</Say><Pause length="2"/>'
        f'<Redirect method="POST">{quoteattr(url)[1:-1]}</Redirect></Response>'
    )
