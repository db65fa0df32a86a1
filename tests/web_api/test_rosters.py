"""Rosters over HTTP, on a project's own files: seen, overridden, swapped, and put back."""

import asyncio
import dataclasses

import pytest
from starlette.applications import Starlette

from tocsin.config import ConfigRefused
from tocsin.db import NotStored
from tocsin.gateway import checks
from tocsin.gateway.binding import directory_of
from tocsin.journal import audit, entries
from tocsin.people.roster_desk import Actor, desk
from tocsin.people.roster_wishes import Wanted
from tocsin.web.api import routes

ZONE = "Europe/Stockholm"
CREW = """\
# The crew.
[users.maria]
id = 1
contacts = [{ type = "phone", value = "+46701740601" }]
[users.jon]
id = 2
contacts = [{ type = "phone", value = "+46701740602" }]
[users.ola]
id = 3
contacts = [{ type = "phone", value = "+46701740603" }]

[rosters.evenings]      # whoever has the turn
[[rosters.evenings.rotations]]
users = ["maria", "jon"]
start = "2026-01-05T08:00"

[audit_profiles.plant]
"""
CHRISTMAS = {"from": "2026-12-23T16:00", "to": "2026-12-27T08:00", "users": ["ola"], "why": "Christmas"}
HERE = "/api/v1/rosters/evenings"


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "plant"
    folder.mkdir()
    (folder / "tocsin.toml").write_text(f'[gateway]\ntimezone = "{ZONE}"\n')
    (folder / "people.toml").write_text(CREW)
    return folder


@pytest.fixture
def services(services, db, clock, project):
    """The same services, over people who stand in files; a saved file counts when it is reloaded."""
    people = {"now": directory_of(checks.read(project)[0].value)}

    async def reload():
        try:
            people["now"] = directory_of(checks.read(project)[0].value)
        except ConfigRefused as error:
            return error.findings
        return ()

    def now():
        return people["now"]

    return dataclasses.replace(
        services, directory=now, knows=lambda name: name in now().users,
        rosters=desk(project, directory=now, db=db, clock=clock, reload=reload, audit=lambda: "plant"),
    )  # fmt: skip


@pytest.fixture
def app(services):
    return Starlette(routes=routes(services))


def says(answer):
    return answer.status_code, answer.json().get("detail", "")


async def test_christmas_is_olas(api, project, db):
    """An override counts at once, stands in the file that has the roster, and can be undone without a trace."""
    made = await api.post(f"{HERE}/overrides", json=CHRISTMAS)

    assert made.status_code == 200, made.text
    found = made.json()
    assert (found["done"], found["file"], found["change"]["does"]) == ("made", "people.toml", "ola")
    assert [one["people"] for one in found["shifts"]] == [["ola"]]
    assert (project / "people.toml").read_text() == CREW.replace(
        "\n[audit_profiles",
        '\n[[rosters.evenings.overrides]]\nfrom = "2026-12-23T16:00"\nto = "2026-12-27T08:00"\n'
        'users = ["ola"]\nwhy = "Christmas"\n\n[audit_profiles',
    )
    on = await api.get("/api/v1/oncall?at=2026-12-24T12:00")
    assert [one["username"] for one in on.json()["rosters"][0]["people"]] == ["ola"]

    undone = await api.post(f"{HERE}/undo", json={"by": "maria"})
    assert (undone.json()["done"], undone.json()["change"]["id"]) == ("removed", found["change"]["id"])
    assert (project / "people.toml").read_text() == CREW
    assert says(await api.post(f"{HERE}/undo")) == (
        409,
        "nothing of roster evenings was changed by a command or a request that could be undone",
    )
    told = db.read_now(lambda conn: entries(conn, subject="evenings"))
    assert [(one.kind, one.person, one.data["via"]) for one in told] == [
        ("roster.change-made", None, "api"), ("roster.change-undone", "maria", "api"),
    ]  # fmt: skip
    rows = db.read_now(lambda conn: [*audit.export(conn, "plant")])
    assert [(one["action"], one["person"]) for one in rows] == [
        ("roster.change-made", None), ("roster.change-undone", "maria"),
    ]  # fmt: skip
    assert rows[0]["data"]["by"] == "hmi"


async def test_a_swap_shows_in_the_roster_until_it_is_removed(api, project):
    """By its id; undoing the removal puts it back where it was."""
    body = {"users": ["maria", "jon"], "from": "2026-12-07T08:00", "for": "2w"}
    swap = (await api.post(f"{HERE}/swaps", json=body)).json()["change"]
    shown = (await api.get(f"{HERE}?days=366")).json()
    assert shown["changes"] == [swap]
    assert (swap["kind"], swap["does"], swap["state"]) == ("swap", "maria and jon swap", "ahead")
    as_changed = (project / "people.toml").read_text()

    removed = await api.post(f"{HERE}/changes/{swap['id']}/remove")
    assert (removed.status_code, removed.json()["done"]) == (200, "removed")
    assert (project / "people.toml").read_text() == CREW
    assert says(await api.post(f"{HERE}/changes/{swap['id']}/remove"))[0] == 404
    back = await api.post(f"{HERE}/undo")
    assert (back.json()["done"], back.json()["change"]) == ("made", swap)
    assert (project / "people.toml").read_text() == as_changed


@pytest.mark.parametrize(
    ("what", "body", "status", "why"),
    [
        ("overrides", {**CHRISTMAS, "users": ["olla"]}, 404, 'there is no user "olla"; did you mean "ola"?'),
        ("overrides", {**CHRISTMAS, "from": "Christmas"}, 422, '"Christmas" is no time; write it like'),
        ("overrides", {**CHRISTMAS, "for": "8h"}, 409, "say until when, or for how long: one of the two"),
        ("overrides", {**CHRISTMAS, "users": []}, 409, "nobody would be on call from Wed 2026-12-23 16:00 to"),
        ("overrides", {**CHRISTMAS, "by": "nobody"}, 404, "there is no user 'nobody'"),
        ("swaps", {"users": ["ola", "jon"], "from": "2026-12-07T08:00", "for": "1d"}, 409, "nothing would change"),
        ("swaps", {"users": ["ola"], "for": "1d"}, 422, "the body does not fit"),
    ],
)  # fmt: skip
async def test_what_is_not_done(api, project, what, body, status, why):
    """One sentence, and the files stay."""
    refused = await api.post(f"{HERE}/{what}", json=body)
    assert refused.status_code == status
    assert why in refused.json()["detail"]
    assert (project / "people.toml").read_text() == CREW


async def test_somebody_who_insists_has_it_anyway(api):
    """What only seems a slip is done when it is asked for a second time, knowingly; the past is not changed."""
    first = await api.post(f"{HERE}/overrides", json=CHRISTMAS)
    twice = await api.post(f"{HERE}/overrides", json={**CHRISTMAS, "users": ["jon"]})
    assert (twice.status_code, twice.json()["type"]) == (409, "urn:tocsin:problem:against-it")
    mark = first.json()["change"]["id"]
    assert twice.json()["detail"] == (
        f"it overlaps override {mark} (ola, from Wed 2026-12-23 16:00 to Sun 2026-12-27 08:00); "
        "remove that one first"
    )
    anyway = await api.post(f"{HERE}/overrides", json={**CHRISTMAS, "users": ["jon"], "anyway": True})
    assert [one["people"] for one in anyway.json()["shifts"]] == [["jon"]]
    past = {"users": ["jon"], "from": "2025-12-23", "to": "2025-12-27", "anyway": True}
    over = await api.post(f"{HERE}/overrides", json=past)
    assert (over.status_code, over.json()["type"]) == (409, "urn:tocsin:problem:impossible")


async def test_files_that_would_be_refused_stay_as_they_are(api, project):
    """A fault elsewhere in the folder is named, and nothing is changed until it is mended."""
    (project / "pipelines.toml").write_text("[pipelines.x]\nnonsense = 1\n")
    refused = await api.post(f"{HERE}/overrides", json=CHRISTMAS)
    assert refused.status_code == 409
    assert "pipelines.toml:2: pipelines.x.nonsense" in refused.json()["detail"]
    assert (project / "people.toml").read_text() == CREW


async def test_undoing_heeds_what_was_edited_by_hand_since(api, project):
    """What others wrote stays; a change that is not there any more cannot be undone, and it is said which."""
    made = (await api.post(f"{HERE}/overrides", json=CHRISTMAS)).json()["change"]["id"]
    file = project / "people.toml"
    file.write_text(file.read_text().replace("# The crew.", "# The crew, and Eva soon."))
    assert (await api.post(f"{HERE}/undo")).status_code == 200
    assert file.read_text() == CREW.replace("# The crew.", "# The crew, and Eva soon.")

    await api.post(f"{HERE}/overrides", json=CHRISTMAS)
    file.write_text(CREW)
    gone = await api.post(f"{HERE}/undo")
    assert (gone.status_code, f"has no override or swap '{made}'" in gone.json()["detail"]) == (404, True)


async def test_a_request_made_twice_is_done_once(api, project):
    """With an Idempotency-Key, as everywhere."""
    headers = {"idempotency-key": "christmas"}
    one, two = [await api.post(f"{HERE}/overrides", json=CHRISTMAS, headers=headers) for _ in range(2)]
    assert one.json() == two.json()
    assert (project / "people.toml").read_text().count("[[rosters.evenings.overrides]]") == 1


async def test_only_a_token_with_the_scope_may(api, db, clock):
    """Whoever may acknowledge may not yet say who is called."""
    from tocsin.web.tokens import create_in

    weak = db.write_now(lambda c: create_in(c, "panel", ["read", "operate"], now_ms=clock.now_ms()))
    headers = {"authorization": f"Bearer {weak}"}
    refused = await api.post(f"{HERE}/overrides", json=CHRISTMAS, headers=headers)
    assert (refused.status_code, "lacks the scope 'roster'" in refused.json()["detail"]) == (403, True)
    assert (await api.get("/api/v1/rosters", headers=headers)).status_code == 200


async def test_two_at_once_are_made_one_after_the_other(api, project):
    """Neither loses the other's entry, and the second sees what the first has done."""
    june = {"from": "2027-06-24", "to": "2027-06-28", "users": ["ola"]}
    both = await asyncio.gather(*(api.post(f"{HERE}/overrides", json=one) for one in (CHRISTMAS, june)))
    assert [one.status_code for one in both] == [200, 200]
    shown = (await api.get(HERE)).json()["changes"]
    assert [one["id"] for one in shown] == [one.json()["change"]["id"] for one in both]

    july = {"from": "2027-07-24", "to": "2027-07-28", "users": ["ola"]}
    twice = await asyncio.gather(*(api.post(f"{HERE}/overrides", json=july) for _ in range(2)))
    assert sorted(one.status_code for one in twice) == [200, 409]
    assert (project / "people.toml").read_text().count("[[rosters.evenings.overrides]]") == 3


class Refusing:
    """A database whose disk is full: it reads, and writes nothing."""

    def __init__(self, db):
        self.read = db.read

    async def write(self, _):
        raise NotStored("the disk is full")


async def test_what_cannot_be_put_on_record_is_not_done(services, project):
    """The file is as it was, and so is who is on call."""
    refusing = dataclasses.replace(services.rosters, db=Refusing(services.db))
    wanted = Wanted("override", ("ola",), begins="2026-12-23T16:00", ends="2026-12-27T08:00")
    with pytest.raises(NotStored):
        await refusing.make("evenings", wanted, by=Actor("maria", "api"))
    assert (project / "people.toml").read_text() == CREW
    assert services.directory().rosters["evenings"].overrides == ()
