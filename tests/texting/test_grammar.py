"""What people write is understood whole or not at all, in their language, however they type it."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.calls.replying.grammar import LONGEST_NOTE, MOST_MINUTES, Reply, read_reply, without_pins, written
from tocsin.calls.replying.words import LANGUAGES, roles

CODES = ("47", "48", "51", "90", "1234")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("47", Reply("acknowledge", ("47",))),
        ("ack 47", Reply("acknowledge", ("47",))),
        ("Ok 47!", Reply("acknowledge", ("47",))),
        ("47 48 51", Reply("acknowledge", ("47", "48", "51"))),
        ("47, 48 and 51", Reply("acknowledge", ("47", "48", "51"))),
        ("all", Reply("acknowledge-all")),
        ("ALL 90", Reply("acknowledge", ("90",))),
        ("ack", Reply("acknowledge-only")),
        ("47e", Reply("pass", ("47",))),
        ("47E 48E", Reply("pass", ("47", "48"))),
        ("pass 47", Reply("pass", ("47",))),
        ("47s30", Reply("shelve", ("47",), minutes=30)),
        ("47 s", Reply("shelve", ("47",))),
        ("47 48 s2h", Reply("shelve", ("47", "48"), minutes=120)),
        ("shelve 47 30", Reply("shelve", ("47",), minutes=30)),
        ("shelve 47 48", Reply("shelve", ("47", "48"))),
        ("47s99h", Reply("shelve", ("47",), minutes=MOST_MINUTES)),
        ("47 n pump runs dry", Reply("acknowledge", ("47",), note="pump runs dry")),
        ("all n On my way", Reply("acknowledge-all", note="On my way")),
        ("?", Reply("status")),
        ("status", Reply("status")),
        ("help", Reply("help")),
        ("stop", Reply("stop")),
        ("start", Reply("start")),
    ],
)
def test_each_form_of_an_answer(text, expected):
    """The forms that stand in the guide."""
    assert read_reply(text, codes=CODES) == expected


@pytest.mark.parametrize(
    "text", ["#47", '"47"', "  47\n", "\u201c47\u201d", "47.", "ACK '47'", "\uff14\uff17", "٤٧"]
)
def test_case_blanks_quotation_marks_and_hashes_do_not_matter(text):
    """Telephones add them, and people do; digits of other scripts are digits."""
    assert read_reply(text, codes=CODES) == Reply("acknowledge", ("47",))


@pytest.mark.parametrize(
    ("text", "kind"),
    [("47 4711", "acknowledge"), ("4711 47", "acknowledge"), ("all 4711", "acknowledge-all"), ("4711", "pin"),
     ("ack 4711", "acknowledge-only"), ("47s30 4711", "shelve"), ("47s 4711", "shelve"), ("shelve 47 30 4711", "shelve"),
     ("47e 4711", "pass"), ("? 4711", "status"), ("47 4711 n on my way", "acknowledge"),
     ("47 n on my way 4711#", "acknowledge"), ("47 n 4711", "acknowledge")],
)  # fmt: skip
def test_a_pin_may_stand_beside_anything(text, kind):
    """Four to eight digits that are no code of this person are a PIN, and it stays out of the note."""
    reply = read_reply(text, codes=CODES)
    assert (reply.kind, reply.pin) == (kind, "4711")
    assert "4711" not in reply.note
    assert "4711" not in repr(reply)


@pytest.mark.parametrize(
    "text",
    ["not 47", "don't ack 47", "47 no", "47e 48", "all 47e", "47-48", "47/48", "4 7", "123456789", "47 4711 9163",
     "n no code", "47 n", "hi", "", "   ", "\U0001f44d", 'Liked "Riverside HIGH Pump 2. Reply 47 to ack"', "47th",
     "help 47", "stop 47", "47s0", "47 s 30 s 40", "s", "47m", "ack status"],
)  # fmt: skip
def test_what_is_not_understood_whole_does_nothing(text):
    """A word too many turns a sentence round: nothing is guessed."""
    assert read_reply(text, codes=CODES).kind == "unknown"


def test_a_question_is_never_an_acknowledgement():
    """Somebody who asks what 47 is has not dealt with it."""
    assert read_reply("47?", codes=CODES) == Reply("status")
    assert read_reply("ack 47 ?", codes=CODES) == Reply("status")


def test_four_digits_are_a_code_only_where_this_person_has_it():
    """Else they are a PIN."""
    assert read_reply("1234", codes=CODES) == Reply("acknowledge", ("1234",))
    assert read_reply("1234", codes=["47"]).kind == "pin"


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("sv-SE", {"kvittera 47": "acknowledge", "alla": "acknowledge-all", "47 vidare": "pass",
                   "hjälp": "help", "47 parkera 2 timmar": "shelve", "47 notera på väg": "acknowledge", "lista": "status"}),
        ("de-DE", {"quittieren 47": "acknowledge", "alle": "acknowledge-all", "47 weiter": "pass",
                   "hilfe": "help", "47 zurückstellen 30 minuten": "shelve", "47 notiz komme": "acknowledge"}),
        ("en-GB", {"okay 47": "acknowledge", "escalate 47": "pass", "snooze 47 30": "shelve"}),
    ],
)  # fmt: skip
def test_each_language_has_its_words_beside_the_english_ones(language, texts):
    """In upper case too."""
    for text, kind in texts.items():
        assert read_reply(text, codes=CODES, language=language).kind == kind, text
        assert read_reply(text.upper(), codes=CODES, language=language).kind == kind, text
    assert read_reply("ack 47 48", codes=CODES, language=language) == Reply("acknowledge", ("47", "48"))


def test_no_word_means_two_things():
    """Neither within a language, nor against the English words that everybody has."""
    for language in LANGUAGES:
        for word, role in roles("en").items():
            assert roles(language)[word] == role
        assert "not" not in roles(language)


def test_what_is_stored_holds_no_pin():
    """Whatever could be one is cut, also where it was typed without a blank."""
    assert without_pins("47 4711 and 474711, 12") == "47 PIN# and PIN#, 12"


texts = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            ["47", "48", "99", "4711", "1234", "e", "s", "30", "n", "ack", "all", "?", "status", "stop", "not", "no",
             "2h", "m", "#", '"', ",", "-", "\u200b", "help", "hjälp", "x", "00047"]
        ),
        max_size=7,
    ).map(" ".join),
)  # fmt: skip
known = st.lists(st.from_regex(r"[1-9][0-9]{1,3}", fullmatch=True), max_size=5)


@given(text=texts, codes=known, language=st.sampled_from(["en", "sv-SE", "de", "xx", ""]))
def test_whatever_is_written_is_read_and_names_only_what_stands_there(text, codes, language):
    """No text raises. Codes, PIN and `all` are never found where they were not written."""
    reply = read_reply(text, codes=codes, language=language)
    plain = unicodedata.normalize("NFKC", text)
    digits = "".join(str(unicodedata.decimal(one, one)) for one in plain)
    numbers = re.findall(r"[0-9]+", digits)
    assert set(reply.codes) <= set(numbers)
    assert reply.pin is None or reply.pin in numbers
    words = {one.casefold() for one in re.findall(r"[^\W\d_]+", plain)}
    if reply.kind == "acknowledge-all":
        assert any(roles(language).get(one) == "all" for one in words)
    if reply.kind in ("acknowledge", "pass", "shelve"):
        assert reply.codes
    if reply.kind == "acknowledge-only":
        assert any(roles(language).get(one) == "acknowledge" for one in words)
    assert len(reply.note) <= LONGEST_NOTE
    if reply.pin:
        assert reply.pin not in reply.note.split()


codes_of = st.lists(st.from_regex(r"[1-9][0-9]{1,3}", fullmatch=True), min_size=1, max_size=5, unique=True)
pins = st.one_of(st.none(), st.from_regex(r"[0-9]{5,8}", fullmatch=True))
notes = st.one_of(
    st.just(""), st.lists(st.from_regex(r"[a-zåäö]{1,9}", fullmatch=True), min_size=1).map(" ".join)
)
replies = st.one_of(
    st.builds(Reply, st.just("acknowledge"), codes_of.map(tuple), notes, pin=pins),
    st.builds(Reply, st.sampled_from(["acknowledge-all", "acknowledge-only"]), note=notes, pin=pins),
    st.builds(Reply, st.just("pass"), codes_of.map(tuple), pin=pins),
    st.builds(
        Reply, st.just("shelve"), codes_of.map(tuple),
        minutes=st.one_of(st.none(), st.integers(1, MOST_MINUTES)), pin=pins,
    ),
    st.builds(Reply, st.just("status"), pin=pins),
    st.builds(Reply, st.just("pin"), pin=pins.filter(bool)),
    st.builds(Reply, st.sampled_from(["help", "stop", "start"])),
)  # fmt: skip


@given(reply=replies, language=st.sampled_from(LANGUAGES))
def test_what_is_written_out_is_read_back(reply, language):
    """Every answer has a form in which it can be sent, in any language."""
    assert read_reply(written(reply), codes=reply.codes, language=language) == reply
