"""Scripts run by hand over HTTP: for the commands of the gateway's own machine, and nobody else."""

import pytest

RUN = "/api/v1/run"
HELLO = {"name": "hello.py", "source": "print('Hello', user.name)\n", "user": "maria"}


@pytest.fixture
def local(tmp_path):
    """The token of this machine's commands."""
    return {"authorization": f"Bearer {(tmp_path / '.tocsin' / 'cli-token').read_text()}"}


async def test_a_script_is_run_for_a_command(api, services, local):
    """Its log comes back with places; what it shares with others comes along."""
    body = {
        **HELLO, "source": "import _say\n_say.hello(user, params['to'])\n",
        "modules": {"_say.py": "def hello(user, to):\n    print(user.name, 'greets', to)\n"},
        "params": {"to": "Jon"},
    }  # fmt: skip
    answer = await api.post(RUN, json=body, headers=local)

    assert answer.status_code == 200, answer.text
    ran = answer.json()
    assert (ran["ok"], ran["failure"]) == (True, None)
    assert ran["log"] == [{"file": "_say.py", "line": 2, "level": "info", "text": "Maria Lind greets Jon"}]


async def test_a_failing_script_says_where(api, local):
    """The request went well, the script did not."""
    ran = (await api.post(RUN, json={**HELLO, "source": "print(1)\nx = 1 / 0\n"}, headers=local)).json()

    assert (ran["ok"], [one["text"] for one in ran["log"]]) == (False, ["1"])
    assert (ran["failure"]["file"], ran["failure"]["line"], ran["failure"]["source"]) == (
        "hello.py", 2, "x = 1 / 0",
    )  # fmt: skip


async def test_no_other_token_runs_scripts(api, db, clock):
    """Not even one that is good for everything else."""
    from tocsin.web.tokens import create_in

    boss = db.write_now(lambda c: create_in(c, "boss", ["admin"], now_ms=clock.now_ms()))
    for headers in ({}, {"authorization": f"Bearer {boss}"}):
        answer = await api.post(RUN, json=HELLO, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:tocsin:problem:scope-missing")


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"user": "nobody"}, 404, "no user 'nobody'"),
        ({"name": "../x.py"}, 422, "$.name"),
        ({"source": "x" * 65537}, 422, "$.source"),
        ({"modules": {"other.py": ""}}, 422, "$.modules"),
    ],
)
async def test_what_cannot_be_run(api, local, change, status, words):
    """A sentence says what to change."""
    answer = await api.post(RUN, json={**HELLO, **change}, headers=local)

    assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text
