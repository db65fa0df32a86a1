"""Asynchronous syntax: refused everywhere it can stand."""

import pytest

ASYNC_DEF = "async def f():\n    pass\n"
ASYNC_GENERATOR_FRAME = "async def f():\n    yield 1\nresponse = str(f().ag_frame)\n"
AWAIT = "def f():\n    await g()\n"
ASYNC_COMPREHENSION = "x = [n async for n in []]\n"
ASYNC_FOR = "async def f():\n    async for n in []:\n        pass\n"
ASYNC_WITH = "async def f():\n    async with a:\n        pass\n"

NO_ASYNC = "`async` and `await` are not part of the script language; just call, the script waits by itself."


@pytest.mark.parametrize("source", [ASYNC_DEF, ASYNC_COMPREHENSION, ASYNC_FOR, ASYNC_WITH])
def test_async_is_refused(problems, source):
    """Host calls wait by themselves, so there is nothing to await."""
    assert problems(source) == [f"1: {NO_ASYNC}"]


def test_await_is_refused_wherever_python_accepts_it(problems):
    """Outside an async function the parser lets it pass and only the compiler minds."""
    assert problems(AWAIT) == [f"2: {NO_ASYNC}"]


def test_the_frame_of_an_asynchronous_generator_is_out_of_reach(problems):
    """The names that lead to it were once missing from the list of closed ones."""
    assert problems(ASYNC_GENERATOR_FRAME) == [
        f"1: {NO_ASYNC}",
        "3: `ag_frame` looks inside Python and is closed to scripts.",
    ]
