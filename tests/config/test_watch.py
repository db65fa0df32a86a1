"""Changes on disk are noticed at once where the machine tells of them, and by the sweep where it does not."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from tocsin.config import watch
from tocsin.config.toml_files import stamp
from tocsin.config.watch import changes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SOON = 10.0  # seconds that no sane machine needs; a failed test, not a wait


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@contextlib.asynccontextmanager
async def watched(folder: Path, **more) -> AsyncIterator[asyncio.Queue[set[Path]]]:
    """Collect changes; the first, of a file that makes sure that the watch is on, is thrown away."""
    found: asyncio.Queue[set[Path]] = asyncio.Queue()
    stop = asyncio.Event()

    async def collect() -> None:
        async for paths in changes(folder, stop=stop, **more):
            found.put_nowait(paths)

    task = asyncio.create_task(collect())
    on = False
    while not on:
        (folder / "on.toml").write_text(f"# {asyncio.get_running_loop().time()}")
        with contextlib.suppress(TimeoutError):
            on = bool(await asyncio.wait_for(found.get(), 0.2))
    try:
        yield found
    finally:
        stop.set()
        await asyncio.wait_for(task, SOON)


async def next_with(found: asyncio.Queue[set[Path]], path: Path) -> set[Path]:
    while path not in (batch := await asyncio.wait_for(found.get(), SOON)):
        pass
    return batch


async def test_a_saved_file_is_told_and_others_are_not(tmp_path: Path) -> None:
    """Swap files, other tools' files and folders below are nobody's business."""
    (tmp_path / "below").mkdir()
    async with watched(tmp_path) as found:
        for name in (".people.toml.swp", "pyproject.toml", "people.toml~", "below/people.toml"):
            (tmp_path / name).write_text("x")
        (tmp_path / "people.toml").write_text("x = 1")
        batch = await next_with(found, tmp_path / "people.toml")
        assert batch <= {tmp_path / "people.toml", tmp_path / "on.toml"}
        assert found.empty()


async def test_a_file_renamed_over_another_is_told(tmp_path: Path) -> None:
    """The way most editors save."""
    async with watched(tmp_path) as found:
        (tmp_path / ".half").write_text("x = 2")
        (tmp_path / ".half").rename(tmp_path / "people.toml")
        await next_with(found, tmp_path / "people.toml")
        (tmp_path / "people.toml").unlink()
        await next_with(found, tmp_path / "people.toml")


async def test_a_link_swapped_behind_the_file_is_told(tmp_path: Path) -> None:
    """A mounted configuration map changes no file that one can see, only what is behind it."""
    for version in ("1", "2"):
        (tmp_path / f"..{version}").mkdir()
        (tmp_path / f"..{version}" / "people.toml").write_text(f"x = {version}")
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "people.toml").symlink_to("..data/people.toml")
    async with watched(tmp_path, sweep_ms=100) as found:
        (tmp_path / "..new").symlink_to("..2")
        (tmp_path / "..new").rename(tmp_path / "..data")
        await next_with(found, tmp_path / "people.toml")


async def test_a_secret_file_elsewhere_is_swept(tmp_path: Path) -> None:
    """A rotated token is read again."""
    secret = tmp_path / "elsewhere" / "token"
    secret.parent.mkdir()
    secret.write_text("a")
    project = tmp_path / "project"
    project.mkdir()
    async with watched(project, also=lambda: [secret], sweep_ms=100) as found:
        secret.write_text("bb")
        await next_with(found, secret)


async def test_a_file_elsewhere_shows_when_it_comes_goes_or_may_be_read(tmp_path: Path) -> None:
    """One that is only named from now on is no change by itself."""
    secret, other = tmp_path / "secret", tmp_path / "other"
    project = tmp_path / "project"
    project.mkdir()
    other.write_text("there all the time")
    named = [secret]
    async with watched(project, also=lambda: named, sweep_ms=100) as found:
        secret.write_text("a")
        await next_with(found, secret)
        secret.chmod(0o600)
        await next_with(found, secret)
        named.append(other)
        secret.unlink()
        assert other not in await next_with(found, secret)
        named.remove(secret)
        other.write_text("another")
        assert await next_with(found, other) == {other}


async def test_what_changed_between_reading_and_the_first_look_shows_at_once(tmp_path: Path) -> None:
    """The first set comes as soon as the watch looks, and holds nothing else."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "people.toml").write_text("")
    read = {tmp_path / name: stamp(tmp_path / name) for name in ("secret", "same")}
    (tmp_path / "secret").write_text("a")
    told = changes(project, also=lambda: read, at_once=True)
    assert await asyncio.wait_for(anext(told), SOON) == {tmp_path / "secret"}
    await told.aclose()


async def test_a_folder_made_again_is_watched_again(tmp_path: Path) -> None:
    """Removing the folder loses the notification, not the watch."""
    folder = tmp_path / "project"
    folder.mkdir()
    async with watched(folder, sweep_ms=100) as found:
        (folder / "on.toml").unlink()
        folder.rmdir()
        await next_with(found, folder / "on.toml")
        folder.mkdir()
        (folder / "people.toml").write_text("x = 1")
        await next_with(found, folder / "people.toml")
        (folder / "people.toml").write_text("x = 22")
        await next_with(found, folder / "people.toml")


async def test_a_machine_without_notifications_is_polled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the machine has no watches left to give, the files are looked at instead."""
    tried = []
    real = watch.awatch

    def no_watches_left(*paths, force_polling, **more):
        tried.append(force_polling)
        if not force_polling:
            raise OSError("OS file watch limit reached")
        return real(*paths, force_polling=force_polling, **more)

    monkeypatch.setattr(watch, "awatch", no_watches_left)
    async with watched(tmp_path, sweep_ms=100) as found:
        (tmp_path / "people.toml").write_text("x = 1")
        await next_with(found, tmp_path / "people.toml")
    assert tried[:2] == [None, True]
