"""What several of these tests stand on."""

import pytest

from tocsin.alarms import Board


@pytest.fixture
async def board(db, clock):
    """A board without rules."""
    board = Board(db, clock, {})
    await board.start()
    return board
