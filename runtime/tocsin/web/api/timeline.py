"""The story of an episode in plain words: who was told how, what they did, what came of it.

Pure: what is on record goes in (`history`), sentences in their order come out. Numbers are masked, PINs
are marks already where the record has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.web.api.call_words import of_calls
from tocsin.web.api.journal_words import of_journal
from tocsin.web.api.notice_words import of_notices, of_receipts

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.web.api.history import History
    from tocsin.web.api.models import TimelineEntry


def story(
    history: History, *, name: Callable[[str | None], str], moment: Callable[[int], str]
) -> list[TimelineEntry]:
    """Tell a history, oldest first.

    `name` gives a person's name for a username, `moment` the wall clock of the plant for a time in ms UTC.
    """
    told = [
        *(of_journal(entry, name, moment) for entry in history.journal),
        *of_notices(history, name, moment),
        *of_calls(history, name),
        *of_receipts(history, name),
    ]
    # What happened in the same millisecond is told in the order in which one thing leads to another.
    return sorted(told, key=lambda entry: (entry.at_ms, _ORDER.get(entry.kind, _MIDDLE)))


_SEQUENCE: Final = (
    "alarm.active", "alarm.raised", "run.started", "run.followed-up", "run.step", "notice.queued",
    "notice.held", "notice.placed", "call.ringing", "call.answered",
    "call.turn", "call.script_failed", "call.pin", "call.said", "call.text", "notice.heard", "",
    "alarm.partly-acknowledged", "alarm.acknowledged", "alarm.cleared",
    "message.delivered", "message.undelivered", "call.ended",
    "notice.ended", "run.ended",
)  # fmt: skip
_ORDER: Final = {kind: place for place, kind in enumerate(_SEQUENCE)}
_MIDDLE: Final = _ORDER[""]
