"""What is kept of a conversation by text: what was asked last, and how often nothing but words was answered.

Functions of the caller's connection; the row of the telephone has been locked by `codes.hold_in`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select, update

from tocsin.calls.replying.deciding import Question
from tocsin.calls.tables import text_dialogues

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST_WORDS: Final = 5
"""So many answers in a row that only inform; then nothing is answered until something is done."""

QUIET_MS: Final = 15 * 60_000
"""After so long without an answer they are counted anew: no machine is talking to us."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """How the conversation with one telephone stands."""

    question: Question | None = None
    replies: int = 0
    replied_ms: int = 0

    def may_inform(self, now_ms: int) -> bool:
        """Whether one more answer that only informs is sent."""
        return self.replies < MOST_WORDS or not 0 <= now_ms - self.replied_ms < QUIET_MS


def dialogue_in(conn: Connection, number: str) -> Dialogue:
    """Give how the conversation with a telephone stands."""
    row = conn.execute(select(text_dialogues).where(text_dialogues.c.number == number)).mappings().first()
    if row is None:
        return Dialogue()
    asked = row["question"]
    question = None if asked is None else Question.of(asked, row["asked_ms"])
    return Dialogue(question, row["replies"], row["replied_ms"])


def acted_in(conn: Connection, number: str) -> None:
    """Something was done: nothing is asked any more, and answers are counted anew."""
    news = {"question": None, "asked_ms": None, "replies": 0}
    conn.execute(update(text_dialogues).where(text_dialogues.c.number == number).values(news))


def informed_in(
    conn: Connection, number: str, before: Dialogue, *, question: Question | None, now_ms: int, told: bool
) -> None:
    """Keep that nothing was done, and whether that was `told`; no question leaves the one before."""
    news: dict[str, Any] = {}
    if told:
        fresh = not 0 <= now_ms - before.replied_ms < QUIET_MS
        news |= {"replies": 1 if fresh else before.replies + 1, "replied_ms": now_ms}
    if question is not None:
        news |= {"question": question.kept(), "asked_ms": now_ms}
    if news:
        conn.execute(update(text_dialogues).where(text_dialogues.c.number == number).values(news))
