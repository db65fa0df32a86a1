"""A thief with somebody's telephone and thirty days: how many PINs can be tried, and does it keep ringing.

The thief knows every rule but the PIN, and takes each way there is, the moment it opens: calls and texts from
the stolen telephone, and calls from other telephones with the person's user id. What counts is how often an
entered PIN is looked at. A PIN is one of those of four digits that are not refused, all equally likely: the
thief knows those too, and leaves them out.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fractions import Fraction

import pytest

from tocsin.people import Contact, Directory, PinCheck, PinKey, Roster, User
from tocsin.people.lockout import TOTAL_TRIES
from tocsin.people.pins import weak_pin

STOLEN, SECOND, CREW = "+46701234567", "+46701110000", "+46700000100"
KEY = PinKey(b"k" * 32, b"s" * 16)
PIN = "8253"
MARIA = User(
    "maria",
    1,
    "Maria Lind",
    pin_hash=KEY.hash_pin(PIN),
    contacts=(Contact("phone", STOLEN), Contact("phone", SECOND)),
)
PLANT = Directory([MARIA], [Roster("crew", (MARIA,), None, CREW)])
HOUR_S = 3600.0
MOMENTS = (*range(12), *range(20, 30 * 24, 48))
"""Hours at which the thief comes back: soon again while any count is young, then every other day."""

MOST = Fraction(2, 1000)
ALLOWED = sum(weak_pin(f"{pin:04}") is None for pin in range(10_000))
"""PINs of four digits that somebody can have: one look is worth one of them."""


@dataclass
class Thief:
    """Tries PINs over every way; `looked` counts those that were looked at, by way."""

    check: PinCheck
    chance: random.Random
    looked: dict[str, int] = field(default_factory=lambda: {"call": 0, "text": 0, "dial-in": 0})

    async def tries(self, way: str) -> bool:
        """Enter one wrong PIN that way; False where it was not looked at."""
        if way == "dial-in":
            # From a new telephone each time: nothing is locked but what is counted by user id.
            number = f"+1999{self.chance.randrange(10**7):07}"
            verdict = await self.check.match("0001", [MARIA], number=number, via="voice", claimed=MARIA.id)
        else:
            via = "voice" if way == "call" else "sms"
            verdict = await self.check.match("0001", PLANT.by_number(STOLEN), number=STOLEN, via=via)
        self.looked[way] += verdict.reason == "wrong_pin"
        return verdict.reason == "wrong_pin"

    @property
    def total(self) -> int:
        """How many PINs were looked at."""
        return sum(self.looked.values())


@pytest.fixture
def check(db, clock):
    pins = PinCheck(key=KEY, db=db, clock=clock)
    yield pins
    pins.close()


ORDERS = {
    "the telephone first": ("call", "text", "dial-in"),
    "other telephones first": ("dial-in", "text", "call"),
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    "owner", ["has no other telephone", "goes on with another", "dials in from anywhere"]
)
async def test_thirty_days_are_worth_a_fifth_of_a_percent(check, clock, capsys, owner, order):
    """Whatever way comes first, and whatever the owner's own right PINs do to the counts meanwhile."""
    thief = Thief(check, random.Random(7))
    for hour, next_hour in zip(MOMENTS, (*MOMENTS[1:], 30 * 24), strict=True):
        for way in ORDERS[order]:
            while await thief.tries(way):
                pass
        if owner == "goes on with another":
            await check.match(PIN, PLANT.by_number(SECOND), number=SECOND, via="voice")
        if owner == "dials in from anywhere":
            await check.match(PIN, [MARIA], number="+4940123456", via="voice", claimed=MARIA.id)
        await clock.advance((next_hour - hour) * HOUR_S)

    with capsys.disabled():
        print(
            f"\n{owner}, {order}: {thief.looked}, {thief.total / 10_000:.2%} of a PIN of four digits; "
            f"{thief.total / ALLOWED:.4%} for who leaves out the {10_000 - ALLOWED} that are refused"
        )
    assert thief.total >= 15  # the thief did try
    assert Fraction(thief.total, ALLOWED) <= MOST


def test_the_limit_is_the_highest_that_stays_within_a_fifth_of_a_percent():
    """Fewer would lock out people who mistype for no gain; one more would be 0.2022 %."""
    assert (TOTAL_TRIES, ALLOWED) == (19, 9_893)
    assert Fraction(TOTAL_TRIES, ALLOWED) <= MOST < Fraction(TOTAL_TRIES + 1, ALLOWED)
    assert round(float(Fraction(TOTAL_TRIES, ALLOWED)), 6) == 0.001921


async def test_a_stranger_cannot_keep_somebody_from_acknowledging(check, clock):
    """Somebody who knows no more than a user id spoils 5 of that person's 19 tries, and no call."""
    stranger = Thief(check, random.Random(1))
    for _ in range(10):
        while await stranger.tries("dial-in"):
            pass
        await clock.advance(72 * HOUR_S)
        assert (await check.match(PIN, PLANT.by_number(STOLEN), number=STOLEN, via="voice")).ok
    assert stranger.looked["dial-in"] == 5


async def test_a_telephone_of_the_whole_crew_is_worth_as_many_pins_as_know_it(check, capsys):
    """Nineteen tries there too, but each may be anybody's PIN: such a crew takes longer PINs."""
    looked = 0
    for _ in range(40):
        verdict = await check.match("0001", PLANT.by_number(CREW), number=CREW, via="voice")
        looked += verdict.reason == "wrong_pin"
        await check._clock.advance(HOUR_S)
    with capsys.disabled():
        print(
            f"\na crew of 10 with PINs of 4 digits: {looked * 10 / 10_000:.1%}; of 6 digits: {looked * 10 / 1e6:.3%}"
        )
    assert looked == TOTAL_TRIES


HIGH = "Plant/Pump 2/High level"


def guesses(telephone, tries):
    """Call in, enter wrong PINs and hang up."""
    telephone.dials()
    for guess in tries:
        telephone.hears("PIN").presses(f"{guess}#")
    telephone.hears("not recognised").hangs_up()


def test_alarms_ring_all_the_while(told, phone):
    """Somebody guesses at Maria's PIN again and again; her telephone rings, and the next person's at once."""
    for _ in range(3):
        guesses(phone("maria"), ("0007", "0008", "0009"))
        told.waits(seconds=20)
        guesses(phone("maria"), ("0010", "0011"))  # the fifth within 15 minutes
        alarm = told.raises(HIGH, value=93)

        phone("maria").answers().hears("Pump 2 high level").presses("1").hears("PIN").presses("4711#")
        phone("maria").hears("locked", "open").hangs_up()
        phone("jon").answers(within=30).hears("Pump 2 high level").presses("1").hears("PIN").presses("9163#")
        phone("jon").hears("Acknowledged").is_hung_up()
        assert alarm.is_acknowledged(by="jon")
        told.clears(HIGH).waits(minutes=20)
