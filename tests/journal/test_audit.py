"""The audit: one chain of rows per profile, in which any change shows, pruning is signed, and people can go."""

from __future__ import annotations

import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from tocsin.journal import audit
from tocsin.journal.audit_key import AuditKey, AuditKeyUnusable
from tocsin.journal.chain import AuditRow, numbers_in, spans
from tocsin.journal.tables import audit as table
from tocsin.journal.tables import audit_anchors


def told(number, person="maria", **more):
    facts = {"number": "+4670…67", "note": "on my way", "episode_id": f"e{number}", "via": "voice"}
    return AuditRow(number * 1000, "acknowledge", "ok", person=person, call_id="c1", **facts | more)


@pytest.fixture
def key(tmp_path):
    """Give a gateway's key."""
    return AuditKey.load(tmp_path / "state")


@pytest.fixture
def chain(db):
    """Give a profile with six rows, of Maria and Jon in turns."""
    people = ["maria", "jon"] * 3
    db.write_now(lambda conn: audit.append_in(conn, "plant", [told(1, "maria"), told(2, "jon")]))
    for number, person in enumerate(people[2:], 3):
        row = told(number, person)
        db.write_now(lambda conn, row=row: audit.append_in(conn, "plant", [row]))
    return db


def verdict(db, profile="plant", **more):
    return db.read_now(lambda conn: audit.verify(conn, profile, **more))


def changed(db, number, **news):
    db.write_now(lambda conn: conn.execute(update(table).where(table.c.number == number).values(**news)))


def exported(db, **more):
    return db.read_now(lambda conn: list(audit.export(conn, "plant", **more)))


async def test_rows_are_numbered_and_linked(chain):
    """Each row holds the hash of the one before; the chain as a whole is verified."""
    rows = exported(chain)

    assert [row["number"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row["previous"] for row in rows] == ["", *(row["hash"] for row in rows[:-1])]
    found = verdict(chain)
    assert (found.whole, found.rows, found.first, found.last, found.head) == (True, 6, 1, 6, rows[-1]["hash"])


async def test_a_row_tells_who_did_what_when_and_how(chain):
    """Person and masked number are there to be read, beside result, episode and call."""
    row = exported(chain)[1]

    assert (row["person"], row["personal"]["number"], row["personal"]["note"]) == (
        "jon",
        "+4670…67",
        "on my way",
    )
    assert (row["action"], row["result"], row["via"]) == ("acknowledge", "ok", "voice")
    assert (row["episode_id"], row["call_id"], row["at_ms"]) == ("e2", "c1", 2000)


async def test_profiles_have_chains_of_their_own(chain):
    """What one plant's profile holds does not touch another's."""
    chain.write_now(lambda conn: audit.append_in(conn, "dam", [told(1)]))

    assert verdict(chain, "dam").last == 1
    assert chain.read_now(audit.profiles) == ["dam", "plant"]
    assert verdict(chain, "nobody").rows == 0


async def test_rows_of_an_undone_work_leave_no_gap(chain):
    """The number of a row that came to nothing is given to the next."""

    def fails(conn):
        audit.append_in(conn, "plant", [told(7)])
        raise ValueError("the change itself failed")

    with pytest.raises(ValueError, match="itself failed"):
        await chain.write(fails)
    await chain.write(lambda conn: audit.append_in(conn, "plant", [told(8)]))

    assert verdict(chain).last == 7
    assert verdict(chain).whole


@pytest.mark.parametrize(
    "news",
    [
        {"result": "failed"},
        {"at_ms": 1},
        {"episode_id": None},
        {"data": {"x": 1}},
        {"action": "call"},
        {"via": "api"},
        {"call_id": "c2"},
        {"message_id": "m1"},
        {"digest": "0" * 64},
    ],
    ids=lambda news: next(iter(news)),
)
async def test_a_changed_row_is_named(chain, news):
    """Whatever the hash covers cannot be changed unseen."""
    changed(chain, 3, **news)

    (finding,) = verdict(chain).findings
    assert finding == "audit profile plant: row 3 is not as it was written"


async def test_another_name_in_a_row_is_found(chain):
    """Who it was is covered as well, though it can be taken out."""
    changed(chain, 3, person="jon")
    assert verdict(chain).findings == (
        "audit profile plant: row 3 names somebody else than when it was written",
    )
    changed(chain, 3, person="maria", personal={"salt": "00", "number": "+4670…99", "note": ""})
    assert "row 3 names somebody else" in verdict(chain).findings[0]


async def test_a_removed_row_is_named(chain):
    """One, or several in a row, or the first."""
    chain.write_now(lambda conn: conn.execute(delete(table).where(table.c.number.in_([3, 4]))))
    assert verdict(chain).findings == ("audit profile plant: rows 3 to 4 of it are missing",)
    chain.write_now(lambda conn: conn.execute(delete(table).where(table.c.number == 1)))
    assert verdict(chain).findings == ("audit profile plant: row 1 of it is missing",)


async def test_a_row_put_in_between_is_found(chain):
    """A forged row with a fitting hash of its own does not fit its neighbour."""
    row = chain.read_now(
        lambda conn: dict(conn.execute(select(table).where(table.c.number == 6)).mappings().one())
    )
    changed(chain, 4, previous=row["hash"])

    assert "row 4 does not follow the one before it" in verdict(chain).findings[0]


async def test_rows_cut_off_at_the_end_are_found_by_whoever_noted_the_head(chain):
    """The chain alone cannot tell; number and hash that were noted elsewhere can."""
    head = (6, verdict(chain).head)
    chain.write_now(lambda conn: conn.execute(delete(table).where(table.c.number == 6)))

    assert verdict(chain).whole
    (finding,) = verdict(chain, known=head).findings
    assert "row 6 with the hash noted earlier is not in it" in finding
    assert verdict(chain, known=(5, verdict(chain).head)).whole


# --- retention -------------------------------------------------------------------------------------------


def prune(db, key, before_ms, **more):
    facts = {"before_ms": before_ms, "key": key, "now_ms": 99_000} | more
    return db.write_now(lambda conn: audit.prune_in(conn, "plant", **facts))


async def test_old_rows_go_and_leave_a_signed_anchor(chain, key):
    """What is left is verified from the anchor on; the next row continues the numbers."""
    assert prune(chain, key, 3500) == 3
    assert prune(chain, key, 3500) == 0

    found = verdict(chain, key=key)
    assert (found.whole, found.rows, found.first, found.last) == (True, 3, 4, 6)
    chain.write_now(lambda conn: audit.append_in(conn, "plant", [told(7)]))
    assert verdict(chain, key=key).last == 7


async def test_pruning_goes_in_small_steps(chain, key):
    """So that nobody else waits for it."""
    assert [prune(chain, key, 5500, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert verdict(chain, key=key).whole


async def test_a_chain_may_be_pruned_to_its_last_row(chain, key):
    """The anchor alone carries it on."""
    prune(chain, key, 99_000)
    assert (verdict(chain, key=key).rows, verdict(chain, key=key).last) == (0, 6)

    chain.write_now(lambda conn: audit.append_in(conn, "plant", [told(7)]))

    assert verdict(chain, key=key).whole
    assert verdict(chain, key=key).last == 7


async def test_a_row_out_of_time_does_not_let_younger_ones_go(db, key):
    """A clock that was set back must not cost rows: only the old beginning goes."""
    rows = [told(1), told(9), told(2), told(3)]
    db.write_now(lambda conn: audit.append_in(conn, "plant", rows))

    assert prune(db, key, 5000) == 1
    assert verdict(db, key=key).rows == 3


async def test_rows_removed_by_somebody_else_are_found(chain, key, tmp_path):
    """An anchor without the gateway's signature is none."""
    forged = chain.read_now(
        lambda conn: conn.execute(select(table).where(table.c.number == 2)).mappings().one()
    )
    anchor = {"profile": "plant", "number": 2, "hash": forged["hash"], "at_ms": 1, "signature": "00"}
    chain.write_now(lambda conn: conn.execute(insert(audit_anchors).values(**anchor)))
    chain.write_now(lambda conn: conn.execute(delete(table).where(table.c.number <= 2)))

    assert "is not signed with this gateway's audit.key" in verdict(chain, key=key).findings[0]
    other = AuditKey.load(tmp_path / "other")
    prune(chain, other, 4500)
    assert "is not signed with this gateway's audit.key" in verdict(chain, key=key).findings[0]
    assert verdict(chain, key=other).whole


# --- forgetting ------------------------------------------------------------------------------------------


def forget(db, person="maria"):
    facts = {"pseudonym": "forgotten-1", "now_ms": 9000}
    return db.write_now(lambda conn: audit.forget_in(conn, person, **facts))


async def test_a_person_is_forgotten_and_the_chain_stays_whole(chain):
    """The rows stay, under a pseudonym; a row tells where somebody was taken out, not who."""
    chain.write_now(lambda conn: audit.append_in(conn, "dam", [told(1)]))

    assert forget(chain) == 4

    rows = exported(chain)
    assert [row["person"] for row in rows] == ["forgotten-1", "jon"] * 3 + [None]
    assert [row["personal"] is None for row in rows] == [True, False] * 3 + [False]
    assert rows[-1]["action"] == "forget"
    assert rows[-1]["data"] == {"pseudonym": "forgotten-1", "rows": "1,3,5"}
    assert "maria" not in str(rows)
    assert verdict(chain).whole
    assert verdict(chain, "dam").whole
    assert forget(chain) == 0


async def test_a_name_taken_out_without_a_word_is_found(chain):
    """Forgetting is told; deleting a name by hand is not."""
    changed(chain, 3, person=None, personal=None)
    assert "row 3 does not name whom it was written about" in verdict(chain).findings[0]


async def test_a_forgotten_row_cannot_be_given_to_somebody_else(chain):
    """The pseudonym stands in the row that told of it."""
    forget(chain)
    changed(chain, 3, person="jon")

    assert "row 3 does not name whom it was written about" in verdict(chain).findings[0]


async def test_forgetting_and_pruning_go_together(chain, key):
    """Rows without a name are pruned like any other, before or after."""
    forget(chain)
    prune(chain, key, 2500)

    assert verdict(chain, key=key).whole
    prune(chain, key, 99_000, now_ms=1)
    assert verdict(chain, key=key).whole


# --- export and key --------------------------------------------------------------------------------------


async def test_an_export_can_be_limited_in_time(chain):
    """Both ends are included."""
    assert [row["number"] for row in exported(chain, since_ms=2000, until_ms=4000)] == [2, 3, 4]


async def test_many_rows_are_read_a_few_at_a_time(db):
    """However long a chain is, it is appended to, verified and exported in bounded memory."""
    db.write_now(lambda conn: audit.append_in(conn, "plant", [told(number) for number in range(1, 1202)]))

    assert verdict(db).rows == len(exported(db)) == 1201


def test_the_key_is_made_once_and_private(tmp_path):
    """Readable by its owner alone; made private again where it was not."""
    first = AuditKey.load(tmp_path)
    (tmp_path / "audit.key").chmod(0o644)

    assert AuditKey.load(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "audit.key").stat().st_mode) == 0o600
    assert first.key.hex() not in repr(first)


@pytest.mark.parametrize("text", ["", "abc", "00" * 31])
def test_a_damaged_key_is_not_replaced(tmp_path, text):
    """A new key would make every earlier signature wrong."""
    (tmp_path / "audit.key").write_text(text)

    with pytest.raises(AuditKeyUnusable, match="is damaged"):
        AuditKey.load(tmp_path)


@given(st.sets(st.integers(1, 60)))
def test_numbers_are_written_as_spans_and_read_back(numbers):
    """`1-4,7` holds what it was made of."""
    assert numbers_in(spans(sorted(numbers))) == numbers


DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), DATA, max_size=3), st.text())
def test_any_data_is_verified_as_it_comes_back(data, note):
    """Whatever JSON holds hashes the same after a way through the database's text."""
    import msgspec

    from tocsin.journal.chain import fault_of, linked

    row = linked(told(1, data=data, note=note), profile="plant", number=1, previous="")
    back = {
        **row,
        **{name: msgspec.json.decode(msgspec.json.encode(row[name])) for name in ("data", "personal")},
    }

    assert fault_of(back, number=1, previous="") is None
