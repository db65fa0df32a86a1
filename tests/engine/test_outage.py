"""The storage goes away and comes back: nothing is lost, and nobody has to restart anything."""

import asyncio

import pytest
from tests.engine.stand import until

from tocsin.db import Database, NotStored
from tocsin.engine.tables import timers


@pytest.fixture
def file(tmp_path):
    return tmp_path / "tocsin.db"


@pytest.fixture
def db(file, clock):
    database = Database.open(f"sqlite:///{file}", clock=clock)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def url():
    """Stand in for the package's: a file of its own can be taken away."""


class Away:
    """Takes the database file away for the body's time."""

    def __init__(self, file):
        self.file = file

    def __enter__(self):
        self.file.rename(self.file.with_suffix(".away"))

    def __exit__(self, *_):
        self.file.with_suffix(".away").rename(self.file)


async def test_jobs_that_come_due_while_the_database_is_away_are_done_when_it_is_back(stand, file):
    """The engine asks again each second of real time; here fifty times as often."""
    async with stand.running() as (engine, hands):
        await stand.enqueue(engine, "k", after=60)
        with Away(file):
            await stand.clock.advance(60)
            await asyncio.sleep(0.1)
            assert hands.calls == []
        await until(lambda: hands.keys == ["k"])
        await stand.settled()

        assert await stand.keys_left() == []


async def test_a_job_whose_result_could_not_be_stored_is_done_again_when_it_can(stand, file):
    """It could not even be given back; that is made good as soon as the database is back."""
    away = Away(file)

    async def lose(_):
        if len(hands.calls) == 1:
            away.__enter__()

    async with stand.running(before=lose) as (engine, hands):
        await stand.enqueue(engine, "k")
        await stand.settled()
        assert hands.keys == ["k"]
        away.__exit__()
        while (await stand.rows())[0]["owner"] is not None:
            await asyncio.sleep(0.01)

        await stand.clock.advance(1)

        assert hands.keys == ["k", "k"]
        assert await stand.keys_left() == []


async def test_an_engine_starts_while_the_database_is_away(stand, file, clock):
    """It takes up its work when the database is there."""
    asking = stand.engine()
    await stand.enqueue(asking, "k")
    with Away(file):
        with pytest.raises(NotStored):
            await stand.db.write(lambda c: c.execute(timers.delete()))
        async with stand.running() as (_, hands):
            await asyncio.sleep(0.1)
            assert hands.calls == []
    await until(lambda: hands.keys == ["k"])
