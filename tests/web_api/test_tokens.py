"""Who may do what: tokens are shown once, kept as hashes, and open only their scopes."""

import stat

import pytest
from sqlalchemy import select

from tocsin.journal import entries
from tocsin.web.tables import tokens as table
from tocsin.web.tokens import TokenRefused, Tokens, create_in, listed, revoke_in


def make(db, clock, name, *scopes):
    return db.write_now(lambda c: create_in(c, name, scopes, now_ms=clock.now_ms()))


async def ask(api, token, method="GET", url="/api/v1/alarms", **more):
    headers = {"authorization": f"Bearer {token}"} if token is not None else {"authorization": ""}
    return await api.request(method, url, headers=headers, **more)


async def test_without_a_valid_token_nothing_opens(api, token):
    """No token, a wrong one, another scheme: 401 with the way to one, whatever the path."""
    for header in (
        "",
        "Bearer",
        "Bearer nonsense",
        f"Basic {token}",
        f"Bearer {token}x",
        "Bearer tocsin_" + "a" * 9000,
    ):
        answer = await api.get("/api/v1/alarms", headers={"authorization": header})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer realm="tocsin"'
        assert "tocsin token create" in answer.json()["detail"]
    assert (
        await api.get("/api/v1/alarms", headers={"authorization": f"bearer   {token}"})
    ).status_code == 200


async def test_a_token_opens_its_scopes_only(api, db, clock):
    """A source may report and no more; admin may everything."""
    source, admin = make(db, clock, "plc", "raise"), make(db, clock, "boss", "admin")
    event = {"path": "A", "state": "active"}
    accepted = await ask(api, source, "POST", json=event)
    assert accepted.status_code == 202

    for method, url in (
        ("GET", "/api/v1/alarms"),
        ("POST", f"/api/v1/alarms/{accepted.json()['episode']}/acknowledge"),
    ):
        refused = await ask(api, source, method, url)
        assert refused.status_code == 403
        assert refused.json()["title"] == "The token is not good for this"
        assert (await ask(api, admin, method, url)).status_code == 200


async def test_the_database_holds_no_token(api, db, clock):
    """Only the hash is kept; the token has 256 random bits."""
    made = [make(db, clock, f"t{n}", "read") for n in range(20)]

    assert len({*made}) == 20
    assert all(len(token.removeprefix("tocsin_")) == 43 for token in made)
    rows = await db.read(lambda c: [tuple(row) for row in c.execute(select(table))])
    journal = await db.read(entries)
    assert not any(token in f"{rows}{journal}" for token in made)


async def test_a_revoked_token_is_refused_within_seconds(api, db, clock, token):
    """Another process may revoke it: trust in memory lasts five seconds."""
    assert (await ask(api, token)).status_code == 200
    assert db.write_now(lambda c: revoke_in(c, "hmi", now_ms=clock.now_ms())) is True
    assert db.write_now(lambda c: revoke_in(c, "hmi", now_ms=clock.now_ms())) is False
    await clock.advance(5.1)

    assert (await ask(api, token)).status_code == 401
    kinds = [(e.kind, e.subject) for e in await db.read(lambda c: entries(c, kind="token.*"))]
    assert kinds == [("token.created", "hmi"), ("token.revoked", "hmi")]


async def test_guessing_does_not_load_the_database(api, services, clock, token, monkeypatch):
    """However many wrong tokens come, tokens are read at most once a second; a new one is known by then."""
    reads = []
    read = services.db.read

    async def counted(work):
        reads.append(work)
        return await read(work)

    monkeypatch.setattr(services.db, "read", counted)
    for number in range(50):
        assert (await ask(api, f"tocsin_{number}", "POST")).status_code == 401
    assert len(reads) == 1
    late = make(services.db, clock, "late", "raise")
    await clock.advance(1.1)
    assert (await ask(api, late, "POST", json=[])).status_code == 202


async def test_its_last_use_is_known_to_the_minute(api, db, clock, token, services):
    """last_used_ms tells which tokens nobody needs any more."""
    began = clock.now_ms()
    await ask(api, token)
    await clock.advance(30)
    await ask(api, token)
    await clock.advance(45)
    await ask(api, token)
    await services.tokens.aclose()

    (found,) = await db.read(listed)
    assert found.last_used_ms == began + 75_000


async def test_the_commands_of_this_machine_have_a_token_of_their_own(api, services, tmp_path, db, clock):
    """A file for this user alone, new at every start, gone at the end, in no database."""
    file = tmp_path / ".tocsin" / "cli-token"
    first = file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (await ask(api, first)).status_code == 200

    services.tokens.start()
    assert file.read_text() != first
    assert (await ask(api, first)).status_code == 401
    assert (await ask(api, file.read_text())).status_code == 200
    assert [token.name for token in await db.read(listed)] == ["hmi"]
    await services.tokens.aclose()
    assert not file.exists()
    assert list(file.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "scopes", "words"),
    [
        ("hmi", ["read"], "there is a token named 'hmi' already"),
        ("x", [], "a token needs a scope"),
        ("x", ["everything"], "scope 'everything' is not known; choose among read, raise"),
        ("", ["read"], "needs a name"),
        ("a\nb", ["read"], "needs a name"),
        ("cli", ["read"], 'other than "cli"'),
    ],
)
def test_tokens_that_cannot_be(db, clock, token, name, scopes, words):
    """A sentence tells what to choose instead."""
    with pytest.raises(TokenRefused, match=words):
        make(db, clock, name, *scopes)


async def test_health_details_are_for_bearers(services, token, db, clock, tmp_path):
    """`trusted` is what the readiness page asks."""
    from starlette.requests import Request

    def request(value):
        return Request({"type": "http", "headers": [(b"authorization", value.encode())]})

    tokens = Tokens(db, clock, folder=tmp_path)
    assert await tokens.trusted(request(f"Bearer {token}")) is True
    assert await tokens.trusted(request("Bearer tocsin_wrong")) is False
    await tokens.aclose()
