"""`tocsin alarm suppress`, `out-of-service` and back, against a running gateway."""

import json
import re

from tests.serving import served

PUMP = "Plant/Pump 2/High level"


def test_alarms_are_put_aside_and_taken_back(tocsin, tmp_path, monkeypatch):
    """Each command says what holds now; a second one of the same kind says that nothing changed."""
    assert tocsin("new", tmp_path / "plant").code == 0
    monkeypatch.chdir(tmp_path / "plant")
    with served(tmp_path / "plant", dev=False):
        episode = json.loads(tocsin("alarm", "raise", PUMP, "--json").out)["episode"]

        done = tocsin("alarm", "out-of-service", episode, "--reason", "probe", "--until", "2099-03-29T18:00")
        assert done.out == (
            f"ok  the alarm of {episode} is out of service: nobody is told of it until 2099-03-29 18:00:00\n"
        )
        listed = json.loads(tocsin("alarm", "list", "--state", "out-of-service", "--json").out)
        assert [(one["id"], one["out_of_service_reason"]) for one in listed] == [(episode, "probe")]
        assert tocsin("alarm", "return-to-service", episode).out.endswith("is in service\n")
        assert (
            tocsin("alarm", "return-to-service", episode).out == "it was in service before; nothing changed\n"
        )

        logic = tocsin("alarm", "suppress", episode, "--reason", "stopped", "--rule", "pump", "--json")
        assert json.loads(logic.out) == {"episode": episode, "outcome": "ok", "until_ms": None}
        assert re.search(PUMP, tocsin("alarm", "list", "--state", "suppressed").out)
        assert tocsin("alarm", "unsuppress", episode).out.endswith("is not suppressed any more\n")
        assert tocsin("alarm", "suppress", episode).code == 2
        unknown = tocsin("alarm", "suppress", "no-such", "--reason", "x")
        assert unknown.code == 2
        assert "list them with tocsin alarm list" in unknown.err
