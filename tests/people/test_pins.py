"""PINs at rest: the key, the hash, and the PINs that must not be set."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tocsin.people import PinKey, PinKeyUnusable, weak_pin
from tocsin.people.pins import COMMONEST


def test_the_key_is_made_once_and_only_the_gateway_may_read_it(tmp_path: Path) -> None:
    """The second start finds the first one's key."""
    key = PinKey.load(tmp_path / ".tocsin")
    file = tmp_path / ".tocsin" / "pin.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert PinKey.load(tmp_path / ".tocsin") == key
    assert key.key.hex() not in repr(key)
    assert {one.name for one in file.parent.iterdir()} == {".gitignore", "pin.key"}


def test_programs_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    """The gateway and `tocsin pin set` may both be the first."""
    found: list[PinKey] = []
    threads = [threading.Thread(target=lambda: found.append(PinKey.load(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({key.id for key in found}) == 1


def test_a_key_that_others_could_read_is_closed(tmp_path: Path) -> None:
    """It is used, since refusing would silence acknowledgement, and the log says what to do."""
    key = PinKey.load(tmp_path)
    (tmp_path / "pin.key").chmod(0o644)
    assert PinKey.load(tmp_path) == key
    assert (tmp_path / "pin.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"key": "ab", "salt": "cd"}', '{"key": "zz", "salt": 1}', "\xff"]
)
def test_a_damaged_key_is_never_replaced_silently(tmp_path: Path, content: str) -> None:
    """A new key would make every PIN wrong."""
    (tmp_path / "pin.key").write_text(content, encoding="latin-1")
    with pytest.raises(PinKeyUnusable, match="is damaged; restore it, or remove it and set every PIN again"):
        PinKey.load(tmp_path)
    assert (tmp_path / "pin.key").read_text(encoding="latin-1") == content


def test_a_state_folder_that_is_a_file_is_said_so(tmp_path: Path) -> None:
    """One sentence, no traceback."""
    (tmp_path / ".tocsin").write_text("")
    with pytest.raises(PinKeyUnusable, match="cannot be read or made"):
        PinKey.load(tmp_path / ".tocsin")


def test_a_hash_tells_its_key_and_nothing_of_the_pin() -> None:
    """One hash finds the person among many, so equal PINs give equal hashes, under one key alone."""
    key, other = PinKey(b"k" * 32, b"s" * 16), PinKey(b"l" * 32, b"s" * 16)
    hashed = key.hash_pin("4718")
    assert hashed == key.hash_pin("4718")
    assert hashed.startswith(f"hash:1:{key.id}:")
    assert "4718" not in hashed
    assert len({hashed, key.hash_pin("4719"), other.hash_pin("4718")}) == 3
    assert key.made(hashed)
    assert not other.made(hashed)
    assert key.hash_pin("\ud800").startswith("hash:1:")


def test_easy_pins_are_refused_with_a_reason() -> None:
    """A hundred common ones by name, and the patterns at every length."""
    assert len(COMMONEST) == 100
    assert all(weak_pin(pin) for pin in COMMONEST)
    assert (
        weak_pin("123")
        == weak_pin("123456789")
        == weak_pin("12a4")
        == weak_pin("٤٧١٨")
        == "a PIN has 4 to 8 digits"
    )
    assert weak_pin("777777") == "all its digits are the same"
    assert weak_pin("345678") == weak_pin("98765") == weak_pin("7890") == "its digits are in sequence"
    assert (
        weak_pin("1984")
        == weak_pin("19841984")
        == weak_pin("47184718")
        == "it is one of those that are guessed first"
    )
    assert weak_pin("4718") is None
    assert weak_pin("80531946") is None
