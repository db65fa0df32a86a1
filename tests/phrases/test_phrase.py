"""What `phrase` says: the text of a key in the call's language, with its values as they are spoken."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tocsin.calls.phrasebook import Phrasebook
from tocsin.calls.phrases import PHRASES, placeholders, texts_of

if TYPE_CHECKING:
    from tocsin.calls.phrases import Forms

AT_1510 = datetime(2026, 1, 1, 15, 10, tzinfo=UTC)
SHIPPED = Phrasebook()


def finnish(phrases: dict[str, Forms]) -> Phrasebook:
    return Phrasebook({"fi": phrases})


def test_a_phrase_is_said_with_its_values() -> None:
    """A shipped key, and the values of its places."""
    assert SHIPPED.phrase("en-US", "already-by", by="Jon Berg") == "Already acknowledged by Jon Berg."


def test_one_alarm_is_not_one_alarms() -> None:
    """A counted phrase has a form for each number the language tells apart."""
    assert SHIPPED.phrase("en-US", "still-open", count=1) == "1 alarm is still open."
    assert SHIPPED.phrase("en-US", "still-open", count=2) == "2 alarms are still open."
    assert SHIPPED.phrase("en-US", "still-open", count=0) == "0 alarms are still open."


def test_polish_counts_one_few_and_many() -> None:
    """Plural forms follow the language's own rule, not English's."""
    book = Phrasebook({"pl": {"x-pumps": {"one": "pompa", "few": "pompy", "many": "pomp", "other": "pompy"}}})
    said = [book.phrase("pl-PL", "x-pumps", count=count) for count in (1, 2, 5, 12, 22, 25, 112, 1002, 1.5)]
    assert said == ["pompa", "pompy", "pomp", "pomp", "pompy", "pomp", "pomp", "pompy", "pompy"]


def test_a_project_says_it_otherwise() -> None:
    """A project's text goes before the shipped one; all others stay."""
    book = Phrasebook({"en": {"goodbye": "Bye."}})
    assert book.phrase("en-US", "goodbye") == "Bye."
    assert book.phrase("en-US", "thank-you") == SHIPPED.phrase("en-US", "thank-you")


def test_a_region_goes_before_the_language_at_large() -> None:
    """en-GB may differ from en; en-US does not see it."""
    book = Phrasebook({"en": {"goodbye": "Bye."}, "en-GB": {"goodbye": "Cheerio."}})
    assert [book.phrase(one, "goodbye") for one in ("en-GB", "en-US")] == ["Cheerio.", "Bye."]


def test_what_a_language_lacks_is_said_in_english() -> None:
    """In the project's English where it has written any."""
    book = Phrasebook({"fi": {"goodbye": "Näkemiin."}, "en": {"no-entry": "You pressed nothing."}})
    assert book.phrase("fi-FI", "goodbye") == "Näkemiin."
    assert book.phrase("fi-FI", "no-entry") == "You pressed nothing."
    assert book.phrase("fi-FI", "thank-you") == "Thank you."


def test_what_nobody_has_written_is_said_as_its_plain_words() -> None:
    """A caller hears something useful even for a key that does not exist."""
    assert SHIPPED.phrase("en-US", "x-ask-the-dam") == "ask the dam"


def test_a_language_that_nobody_wrote_is_spoken_in_english() -> None:
    """The whole call then has English's language and voice, so that no Finnish voice reads English."""
    assert SHIPPED.language_for("fi-FI") == "en-US"
    assert (
        SHIPPED.manner("fi-FI", {"fi-FI": "Polly.Suvi-Neural", "en-GB": "Polly.Amy"})["language"] == "en-GB"
    )
    assert finnish({}).language_for("fi-FI") == "fi-FI"


def test_a_voice_goes_with_the_language() -> None:
    """A person's `de` is spoken by the voice of `de-AT` where the profile has no other German."""
    book = Phrasebook({"de": {}})
    manner = book.manner("de", {"en-US": "Polly.Joanna-Neural", "de-AT": "Polly.Hannah-Neural"})
    assert (manner["language"], manner["voice"]) == ("de-AT", "Polly.Hannah-Neural")


@pytest.mark.parametrize(
    ("value", "said"),
    [(93.4000001, "93,4"), (93.0, "93"), (5, "5"), (-4, "minus 4"), (-0.5, "minus 0,5"), (0.0043, "0,0043")],
)
def test_numbers_are_said_as_the_language_writes_them(value: float, said: str) -> None:
    """No digits that nobody wants to hear, and the language's own decimal sign."""
    assert finnish({"x-value": "{value}"}).phrase("fi-FI", "x-value", value=value) == said


def test_times_are_said_as_the_language_writes_them() -> None:
    """Twelve hours in America, twenty-four in Britain."""
    assert SHIPPED.phrase("en-US", "already-by-at", by="Jon", at=AT_1510).endswith("at 3:10 PM.")
    assert SHIPPED.phrase("en-GB", "already-by-at", by="Jon", at=AT_1510).endswith("at 15:10.")


def test_names_are_spoken_as_the_project_says() -> None:
    """Whole words, as they are written; what is spoken already is not changed again."""
    book = Phrasebook(pronunciations={"en": {"P2": "pump two", "RO": "reverse osmosis"}})
    assert book.phrase("en-US", "already-by", by="P2 RO/P2A, ROtor, ro") == (
        "Already acknowledged by pump two reverse osmosis/P2A, ROtor, ro."
    )


def test_what_is_written_is_not_pronounced() -> None:
    """A text message shows a name as the plant writes it."""
    book = Phrasebook(pronunciations={"en": {"P2": "pump two"}})
    assert book.phrase("en-US", "text-acknowledged", alarms="47 P2") == "Acknowledged: 47 P2."


def test_a_value_that_is_missing_is_named() -> None:
    """Whoever wrote the script reads what to add."""
    with pytest.raises(ValueError, match=r'phrase\("already-by", by=\.\.\.\)'):
        SHIPPED.phrase("en-US", "already-by")


def test_a_value_that_cannot_be_said_is_refused() -> None:
    """A list has no spoken form that anybody would want."""
    with pytest.raises(TypeError, match="by of a phrase is a text, a number or a datetime, not list"):
        SHIPPED.phrase("en-US", "already-by", by=[1])


def test_the_forms_of_a_shipped_phrase_want_the_same_values() -> None:
    """Any form of a phrase may leave the number out, and nothing else."""
    for phrases in PHRASES.values():
        for key, forms in phrases.items():
            wanted = {placeholders(text) - {"count"} for text in texts_of(forms)}
            assert len(wanted) == 1, key
