"""Entering PINs against a real database: who it was, what is counted, what a lock shows."""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from sqlalchemy import text

from tocsin.clock import VirtualClock
from tocsin.db import Database, NotStored
from tocsin.journal import entries
from tocsin.people import Contact, Directory, PinCheck, PinKey, Roster, User

MARIA_PHONE, JON_PHONE, CREW_PHONE = "+46701234567", "+46707654321", "+46700000000"

KEY = PinKey(b"k" * 32, b"s" * 16)


def user(name: str, number: int, pin: str, phone: str) -> User:
    return User(name, number, name, pin_hash=KEY.hash_pin(pin), contacts=(Contact("phone", phone),))


MARIA = user("maria", 1, "4718", MARIA_PHONE)
JON = user("jon", 2, "8053", JON_PHONE)
PLANT = Directory([MARIA, JON], [Roster("crew", (MARIA, JON), None, CREW_PHONE)])


class Phones:
    """A gateway's PIN entry with a clock that the test moves."""

    def __init__(self, check: PinCheck, clock: VirtualClock, db: Database) -> None:
        self.check, self.clock, self.db = check, clock, db

    async def enter(self, pin: str, number: str = MARIA_PHONE, via: str = "voice") -> str:
        verdict = await self.check.match(pin, PLANT.by_number(number), number=number, via=via)
        assert (verdict.user is not None) == verdict.ok
        return verdict.user.username if verdict.user else verdict.reason

    async def enter_wrong(self, count: int, number: str = MARIA_PHONE) -> list[str]:
        return [await self.enter("0000", number) for _ in range(count)]


@pytest.fixture
def phones(url: str) -> Iterator[Phones]:
    clock = VirtualClock()
    db = Database.open(url, clock=clock)
    db.migrate()
    check = PinCheck(key=KEY, db=db, clock=clock)
    yield Phones(check, clock, db)
    check.close()
    db.close()


async def test_a_right_pin_tells_who_it_is(phones: Phones) -> None:
    """On a person's own phone, and on one the crew shares."""
    assert await phones.enter("4718") == "maria"
    assert await phones.enter("8053", CREW_PHONE) == "jon"
    assert await phones.enter("4718", CREW_PHONE) == "maria"
    assert await phones.enter("8053") == "wrong_pin"
    assert await phones.enter("") == "pin_required"
    assert await phones.enter("4718", "+15550000000") == "wrong_pin"


async def test_five_wrong_lock_calls_and_texts_alike_and_a_right_one_changes_nothing(phones: Phones) -> None:
    """The lock is told with its end; it ends by itself."""
    first = await phones.check.match("0000", [MARIA], number=MARIA_PHONE, via="sms")
    assert (first.reason, first.tries_left, first.until_ms) == ("wrong_pin", 4, None)
    assert await phones.enter_wrong(3) == ["wrong_pin"] * 3
    fifth = await phones.check.match("0000", [MARIA], number=MARIA_PHONE, via="voice")
    ends = phones.clock.now_ms() + 15 * 60_000
    assert (fifth.reason, fifth.tries_left, fifth.until_ms) == ("wrong_pin", 0, ends)
    for pin in ("4718", "0000"):
        for via in ("voice", "sms"):
            locked = await phones.check.match(pin, [MARIA], number=MARIA_PHONE, via=via)
            assert (locked.reason, locked.user, locked.tries_left, locked.until_ms) == (
                "locked",
                None,
                0,
                ends,
            )
    await phones.clock.advance(15 * 60)
    assert await phones.enter("4718") == "maria"


async def test_a_locked_person_is_not_betrayed_by_another_phone(phones: Phones) -> None:
    """On the crew's phone the right PIN of somebody locked gives exactly what a wrong one gives."""
    await phones.enter_wrong(5)
    wrong = await phones.check.match("0000", PLANT.by_number(CREW_PHONE), number=CREW_PHONE, via="voice")
    right = await phones.check.match("4718", PLANT.by_number(CREW_PHONE), number=CREW_PHONE, via="voice")
    assert (wrong.reason, wrong.tries_left) == ("wrong_pin", 4)
    assert (right.reason, right.tries_left, right.user) == ("wrong_pin", 3, None)
    assert await phones.enter("8053", CREW_PHONE) == "jon"


async def test_nineteen_wrong_lock_until_an_admin_resets(phones: Phones) -> None:
    """Slowly typed ones too; the reset and who did it stand in the journal."""
    for wrong in (5, 5, 5, 4):
        assert await phones.enter_wrong(wrong) == ["wrong_pin"] * wrong
        await phones.clock.advance(8 * 3600)
    await phones.clock.advance(30 * 86400)
    assert await phones.enter("4718") == "locked"
    assert set(await phones.check.locked()) == {"user:maria", f"number:{MARIA_PHONE}"}
    await phones.check.reset(MARIA, by="jon")
    assert await phones.check.locked() == {}
    assert await phones.enter("4718") == "maria"
    journal = await phones.db.read(lambda conn: entries(conn, kind="pin.*"))
    assert [one.kind for one in journal].count("pin.wrong") == 19
    assert [one.kind for one in journal].count("pin.locked") == 4
    assert (journal[-1].kind, journal[-1].subject, journal[-1].person) == ("pin.reset", "maria", "jon")


async def test_a_right_pin_starts_the_count_anew(phones: Phones) -> None:
    """Four wrong ones a day, each day set right, never lock anybody out for good."""
    for _ in range(8):
        assert await phones.enter_wrong(4) == ["wrong_pin"] * 4
        assert await phones.enter("4718") == "maria"
        await phones.clock.advance(86400)


async def test_no_try_is_free_after_a_reset_and_a_quiet_day(phones: Phones) -> None:
    """What came before the reset has been removed by then; what comes is counted as ever."""
    for wrong in (5, 5, 5, 4):
        await phones.enter_wrong(wrong)
        await phones.clock.advance(8 * 3600)
    await phones.check.reset(MARIA, by="jon")
    for _ in range(2):
        assert await phones.enter("4718") == "maria"
        await phones.clock.advance(25 * 3600)

    assert await phones.enter_wrong(6) == ["wrong_pin"] * 5 + ["locked"]


async def test_somebody_with_a_pin_of_their_own_cannot_go_on_guessing_a_colleagues(phones: Phones) -> None:
    """Jon's right PIN between his guesses at Maria's does not buy more than twenty a day."""
    guessed = 0
    for _ in range(60):
        if await phones.enter("0000", CREW_PHONE) == "wrong_pin":
            guessed += 1
        await phones.enter("8053", CREW_PHONE)
        await phones.clock.advance(5 * 60)
    assert guessed == 20
    await phones.check.reset_number(CREW_PHONE, by="maria")
    assert await phones.enter("8053", CREW_PHONE) == "jon"


async def test_jons_right_pin_on_marias_phone_does_not_forgive_what_was_wrong_for_maria(
    phones: Phones,
) -> None:
    """Where a call to Maria's number is open to the whole roster."""
    for _ in range(18):
        await phones.check.match("0000", [MARIA, JON], number=MARIA_PHONE, via="voice")
        await phones.clock.advance(3600)
    right = await phones.check.match("8053", [MARIA, JON], number=MARIA_PHONE, via="voice")
    assert right.user is JON
    await phones.clock.advance(86400)
    assert await phones.enter("0000") == "wrong_pin"
    assert await phones.enter("4718") == "locked"


async def test_a_hundred_guesses_at_once_meet_the_limit_of_five(phones: Phones) -> None:
    """Tries are counted before the PIN is looked at; crowds are turned away uncounted."""
    answers = await asyncio.gather(*(phones.enter(f"{pin:04}") for pin in range(100, 200)))
    assert answers.count("wrong_pin") == 5
    assert set(answers) == {"wrong_pin", "locked", "not_recorded"}


async def test_callers_without_a_number_share_one_count(phones: Phones) -> None:
    """Hiding the number is no way round the lock."""
    assert await phones.enter_wrong(6, "") == ["wrong_pin"] * 5 + ["locked"]


async def test_the_count_outlives_the_process(phones: Phones, url: str) -> None:
    """A restart is no fresh start."""
    await phones.enter_wrong(5)
    again = Database.open(url, clock=phones.clock)
    check = PinCheck(key=KEY, db=again, clock=phones.clock)
    verdict = await check.match("4718", [MARIA], number=MARIA_PHONE, via="voice")
    check.close()
    again.close()
    assert verdict.reason == "locked"


class Halting:
    """A database that stops before the nth write."""

    def __init__(self, db: Database, writes: int) -> None:
        self.db, self.left = db, writes

    async def write(self, work: Callable) -> object:
        self.left -= 1
        if self.left < 0:
            raise NotStored("the disk is full")
        return await self.db.write(work)


async def test_a_try_that_cannot_be_counted_is_not_looked_at(phones: Phones) -> None:
    """And one that was counted but could not be settled stays counted: the safe side of a crash."""
    for writes in (0, 1):
        check = PinCheck(key=KEY, db=Halting(phones.db, writes), clock=phones.clock)
        verdict = await check.match("4718", [MARIA], number=MARIA_PHONE, via="voice")
        check.close()
        assert verdict.reason == "not_recorded"
    first = await phones.check.match("0000", [MARIA], number=MARIA_PHONE, via="voice")
    assert first.tries_left == 3


async def test_an_entry_repeated_after_a_crash_counts_once(phones: Phones) -> None:
    """Booked, then the process died: the webhook's repeat takes the booking up, whatever the PIN."""
    for step, pin, reason in (("c/1/0", "0000", "wrong_pin"), ("c/2/0", "4718", "ok")):
        crashing = PinCheck(key=KEY, db=Halting(phones.db, 1), clock=phones.clock)
        gone = await crashing.match(pin, [MARIA], number=MARIA_PHONE, via="voice", step=step)
        crashing.close()
        assert gone.reason == "not_recorded"
        again = await phones.check.match(pin, [MARIA], number=MARIA_PHONE, via="voice", step=step)
        assert (again.reason, again.tries_left) in {("wrong_pin", 4), ("ok", 3)}
        assert again.reason == reason
    last = await phones.check.match("0000", [MARIA], number=MARIA_PHONE, via="voice")
    assert last.tries_left == 3


async def test_a_settled_entrys_name_buys_no_free_try(phones: Phones) -> None:
    """Only what a crash left open is taken up; otherwise one name would do for ten thousand guesses."""
    reasons = [
        (await phones.check.match("0000", [MARIA], number=MARIA_PHONE, via="voice", step="c/1/0")).reason
        for _ in range(7)
    ]
    assert reasons == ["wrong_pin"] * 5 + ["locked"] * 2


async def test_the_callers_own_record_is_stored_with_the_verdict_or_neither_is(phones: Phones) -> None:
    """Right, wrong, and where the caller's part fails."""
    told: list[tuple[str, User | None]] = []
    for pin in ("4718", "0000"):
        await phones.check.match(
            pin, [MARIA], number=MARIA_PHONE, via="voice", also=lambda _, *what: told.append(what)
        )
    assert told == [("ok", MARIA), ("wrong_pin", None)]

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await phones.check.match("4718", [MARIA], number=MARIA_PHONE, via="voice", also=fail)
    wrong = await phones.check.match("0000", [MARIA], number=MARIA_PHONE, via="voice")
    assert wrong.tries_left == 2  # the wrong one, the one that stayed booked, and this


async def test_a_literal_pin_of_the_demo_is_matched_like_any_other(phones: Phones) -> None:
    """With the emulator PINs may stand in the open."""
    demo = User("demo", 9, "Demo", pin_literal="4711", contacts=(Contact("sms", "+15005550006"),))
    nobody = User("nobody", 10, "Nobody")
    for pin, reason in (("4711", "ok"), ("-", "wrong_pin"), ("4711 ", "wrong_pin"), ("\ud800", "wrong_pin")):
        verdict = await phones.check.match(pin, [nobody, demo], number="+15005550006", via="sms")
        assert verdict.reason == reason


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("tocsin.db*"))


async def test_no_pin_stands_in_the_database(phones: Phones, tmp_path: Path) -> None:
    """Neither right nor wrong ones, nor anything made of them."""
    await phones.enter("4718")
    await phones.enter("59260")
    await phones.db.read(lambda conn: conn.execute(text("select 1")))
    stored = everything_in(tmp_path)
    assert b"59260" not in stored
    assert KEY.hash_pin("4718").encode() not in stored


class Watched(PinKey):
    """A key that remembers on which threads it worked."""

    seen: ClassVar[list[str]] = []

    def hash_pin(self, pin: str) -> str:
        self.seen.append(threading.current_thread().name)
        return super().hash_pin(pin)


@pytest.mark.alone
async def test_a_pin_turn_is_quick_and_the_event_loop_is_free_meanwhile(phones: Phones) -> None:
    """150 ms is what a caller may wait; other calls wait for nothing."""
    check = PinCheck(key=Watched(KEY.key, KEY.salt), db=phones.db, clock=phones.clock)
    took = []
    for _ in range(15):
        started = time.perf_counter()
        assert (await check.match("4718", [MARIA], number=MARIA_PHONE, via="voice")).ok
        took.append(time.perf_counter() - started)
    check.close()
    assert statistics.median(took) < 0.15
    assert {name.rsplit("_", 1)[0] for name in Watched.seen} == {"tocsin-pin"}
