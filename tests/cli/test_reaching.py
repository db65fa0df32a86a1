"""Commands beside a gateway that is slow, gone, another one, or another user's: one sentence, and nothing twice."""

from __future__ import annotations

import ctypes
import fcntl
import http.server
import json
import os
import subprocess
import sys
import threading

import pytest
from tests.plant import TOML, write_project
from tests.serving import served

from tocsin.cli import reaching
from tocsin.gateway.lock import FolderLock, is_held

OVERRIDE = ("roster", "override", "operations", "jon", "--for", "1h", "--why", "ill")
NOBODY = 65534


class Answering(http.server.ThreadingHTTPServer):
    """A server at a gateway's address; `status` is its answer, None breaks the connection, "" never answers."""

    daemon_threads = True

    def __init__(self, status):
        self.status, self.asked, self.over = status, [], threading.Event()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                server.asked.append(f"{self.command} {self.path} {self.headers['authorization']}")
                if server.status == "":
                    server.over.wait(30)
                elif server.status:
                    self.send_error(server.status)

            do_POST = do_GET  # noqa: N815  the name that the library calls

            def log_message(self, *_):
                """Say nothing."""

        super().__init__(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.serve_forever)
        self.thread.start()

    def close(self):
        self.over.set()
        self.shutdown()
        self.thread.join()
        self.server_close()


@pytest.fixture
def folder(tmp_path):
    return write_project(tmp_path / "plant")


@pytest.fixture
def at_its_address(folder):
    """Give a function that puts a server where the gateway of the project was found last."""
    servers = []

    def put(status):
        servers.append(server := Answering(status))
        state = folder / ".tocsin"
        state.mkdir(exist_ok=True)
        (state / "address").write_text(f"127.0.0.1:{server.server_port}\n")
        (state / "cli-token").write_text("the token of this project")
        return server

    yield put
    for server in servers:
        server.close()


@pytest.fixture
def serving(folder):
    """The folder is held, as a running gateway holds it."""
    (folder / ".tocsin").mkdir(exist_ok=True)
    lock = FolderLock(folder / ".tocsin")
    yield
    lock.close()


# ------------------------------------------------------------------ slow, or gone in between


@pytest.mark.usefixtures("serving")
def test_a_request_without_an_answer_may_have_been_done(tocsin, folder, at_its_address):
    """It is not done a second time on the files, and nobody is told that no gateway runs."""
    at_its_address(None)

    done = tocsin(*OVERRIDE, "--project", folder)

    assert done.code == 2
    assert "broke off; look whether it did what was asked before you repeat it" in done.err
    assert "ill" not in (folder / "tocsin.toml").read_text()


@pytest.mark.usefixtures("serving")
@pytest.mark.parametrize(
    ("method", "says"),
    [("POST", "look whether it did what was asked before you repeat it"), ("GET", "try again")],
)
def test_a_gateway_that_is_slow_runs_all_the_same(folder, at_its_address, method, says):
    """How long was waited is said, and whether it may be repeated."""
    at_its_address("")

    with pytest.raises(reaching.NoAnswer, match=rf"has not answered in 0\.3 s; {says}"):
        reaching.ask(folder, method, "/api/v1/alarms", seconds=0.3)


@pytest.mark.usefixtures("serving")
def test_while_a_gateway_holds_the_folder_no_command_changes_its_files(tocsin, folder, monkeypatch):
    """It is starting, or its port is closed: both would write the same file."""
    monkeypatch.setattr("tocsin.cli.roster_files._TRIES", 2)

    done = tocsin(*OVERRIDE, "--project", folder)

    assert done.code == 2
    assert "a gateway holds" in done.err
    assert "ill" not in (folder / "tocsin.toml").read_text()
    assert tocsin("roster", "list", "--project", folder).code == 0


def test_two_commands_at_once_wait_for_each_other(tocsin, folder):
    """Each change is made once."""
    (folder / ".tocsin").mkdir()
    lock = FolderLock(folder / ".tocsin")
    threading.Timer(0.5, lock.close).start()

    assert tocsin(*OVERRIDE, "--project", folder).code == 0
    assert (folder / "tocsin.toml").read_text().count('why = "ill"') == 1


# ------------------------------------------------------------------ another one


def test_what_a_killed_gateway_left_behind_leads_nowhere(tocsin, folder, at_its_address):
    """Another project's gateway may listen there now: it is not asked, and gets no token."""
    stranger = at_its_address(401)

    raised = tocsin("alarm", "raise", "Plant/Pump 2/High level", "--project", folder)
    changed = tocsin(*OVERRIDE, "--project", folder)

    assert raised.code == 2
    assert "no gateway serves" in raised.err
    assert changed.code == 0
    assert "ill" in (folder / "tocsin.toml").read_text()
    assert stranger.asked == []


@pytest.mark.usefixtures("serving")
def test_a_stranger_at_the_address_is_named(tocsin, folder, at_its_address):
    """While the own gateway starts, its last address may be somebody else's."""
    at_its_address(401)

    done = tocsin("alarm", "list", "--project", folder)

    assert done.code == 2
    assert f"is not the gateway of {folder}" in done.err


def test_looking_whether_a_gateway_runs_keeps_none_from_starting(folder):
    """A command shares the lock while it looks; a gateway that starts at this moment tries again."""
    state = folder / ".tocsin"
    FolderLock(state).close()
    assert not is_held(state)
    with (state / "lock").open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        threading.Timer(0.1, fcntl.flock, (looking, fcntl.LOCK_UN)).start()

        lock = FolderLock(state, patience_s=30)

    assert is_held(state)
    lock.close()


# ------------------------------------------------------------------ odd values


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", "nan"])
def test_an_alarm_is_raised_whatever_its_sensor_gave(tocsin, folder, value):
    """A value that is no number is told as it is written; the alarm counts."""
    with served(folder):
        raised = tocsin("alarm", "raise", "Plant/V", "--value", value, "--project", folder)
        (alarm,) = json.loads(tocsin("alarm", "list", "--project", folder, "--json").out)

    assert raised.code == 0, raised.all
    assert alarm["value"] == value


def test_words_that_are_not_utf8(tocsin, folder):
    """An alarm of an older system is raised and cleared with an odd letter; anything else says what is wrong."""
    latin = b"Plant/\xe5".decode(errors="surrogateescape")
    with served(folder):
        raised = tocsin("alarm", "raise", latin, "--label", latin, "--project", folder)
        (alarm,) = json.loads(tocsin("alarm", "list", "--project", folder, "--json").out)
        cleared = tocsin("alarm", "clear", latin, "--project", folder)
        sent = tocsin("send", "operations", latin, "--project", folder)
        unknown = tocsin("alarm", "show", "nope", "--project", folder)

    shown = "Plant/\N{REPLACEMENT CHARACTER}"
    assert (raised.code, alarm["path"], alarm["label"]) == (0, shown, shown)
    assert "is cleared" in cleared.out
    assert (unknown.code, "list them with: tocsin alarm list --state all" in unknown.err) == (2, True)
    assert (sent.code, sent.err) == (2, "what was typed is not UTF-8 text: it holds the byte e5\n")


def test_a_reader_that_has_seen_enough_is_no_fault(folder):
    """`tocsin audit export | head -1` ends quietly."""
    (folder / "tocsin.toml").write_text(TOML + "[audit_profiles.plant]\nretention_days = 365\n")
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "tocsin", "audit", "export", "--format", "csv"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            text=True,
            stdout=closed,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )

    assert done.stderr == ""


# ------------------------------------------------------------------ another user's


def without_override():
    """Take away what lets root read and write everybody's files; for a process that is about to begin."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (1, 2):  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of linux/capability.h
        if libc.prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP of linux/prctl.h
            raise OSError(ctypes.get_errno(), "prctl")


@pytest.fixture
def foreign(tmp_path):
    """A project of somebody else's, and a function that runs a command as one who may not write there."""
    if os.geteuid() != 0:
        pytest.skip("only root may give a folder to another user")
    folder = write_project(tmp_path / "plant")
    (folder / ".tocsin").mkdir(mode=0o700)

    def run(*arguments):
        for path in (folder, folder / ".tocsin"):
            if path.exists():
                os.chown(path, NOBODY, NOBODY)
        done = subprocess.run(
            [sys.executable, "-m", "tocsin", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            preexec_fn=without_override,
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    run.folder = folder
    return run


@pytest.mark.parametrize("command", ["serve", "pin unlock maria", "token list", "audit verify", "new sub"])
def test_a_folder_of_somebody_elses_is_named_with_its_owner(foreign, command):
    """Whoever runs it is told as whom to run it."""
    (foreign.folder / ".tocsin").rmdir()

    done = foreign(*command.split())

    assert done.returncode == 2
    assert f"permission denied; {foreign.folder} belongs to nobody: run this as sudo -u nobody" in done.stderr


@pytest.mark.parametrize(
    "command", ["alarm list", "alarm raise Plant/V", "send operations hello", "oncall", "token list"]
)
def test_a_gateway_whose_files_may_not_be_read_is_not_called_absent(foreign, command):
    """The usual case of an administrator: the service's user alone may look into .tocsin."""
    done = foreign(*command.split())

    assert done.returncode == 2
    assert f"{foreign.folder / '.tocsin'} belongs to nobody: run this as sudo -u nobody" in done.stderr
    assert "no gateway" not in done.stderr


def test_files_that_may_be_read_are_checked_all_the_same(foreign):
    """What lies in .tocsin is not needed to look at a configuration; the doctor says that nothing can be kept."""
    assert foreign("check").returncode == 0
    assert foreign("call", "answer").returncode == 0

    (foreign.folder / ".tocsin").rmdir()
    doctor = foreign("doctor")
    assert doctor.returncode == 1
    assert "cannot be written by this user" in doctor.stdout


@pytest.mark.usefixtures("serving")
def test_an_address_that_is_half_written_is_one_sentence(tocsin, folder, at_its_address):
    """It is written while the gateway starts."""
    at_its_address("")
    (folder / ".tocsin" / "address").write_text("127.0.0.1:3x")

    done = tocsin("alarm", "list", "--project", folder)

    assert done.code == 2
    assert "the gateway's address cannot be read; is it starting? Try again" in done.err
