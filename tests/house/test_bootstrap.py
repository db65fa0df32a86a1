"""Set-up on a bare machine: what it reads, what it refuses, and the sentence a person then sees."""

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest
from tools import bootstrap

WHEEL = b"a wheel, as far as a hash is concerned"
SHA256 = hashlib.sha256(WHEEL).hexdigest()
OTHER = "0" * 64
LOCK = f"""\
aiohttp==3.14.5 ; sys_platform != 'win32' \\
    --hash=sha256:{OTHER}
    # via twilio
pip==26.3 \\
    --hash=sha256:{SHA256} \\
    --hash=sha256:{"1" * 64}
    # via tocsin (pyproject.toml)
pip-tools==7.0 \\
    --hash=sha256:{"2" * 64}
"""


def index_page(**hashes):
    files = [
        {"filename": "pip-26.3.tar.gz", "url": "../../f/pip-26.3.tar.gz", "hashes": {"sha256": "1" * 64}},
        {
            "filename": "pip-26.3-py3-none-any.whl",
            "url": "../../f/pip-26.3-py3-none-any.whl",
            "hashes": hashes,
        },
    ]
    return json.dumps({"meta": {"api-version": "1.3"}, "name": "pip", "files": files}).encode()


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 3), (3, 15, 1)])
def test_the_supported_pythons_are_let_through(version):
    """Debian 12, Ubuntu 24.04 and everything up to the newest audited Python get no complaint."""
    assert bootstrap.version_problem(version) is None


@pytest.mark.parametrize(
    ("version", "said"), [((3, 10, 12), "Python 3.10 is too old"), ((3, 16, 0), "Python 3.16 is newer")]
)
def test_another_python_gets_one_sentence_with_a_way_out(version, said):
    """A Python outside the range is named, together with how to choose another."""
    problem = bootstrap.version_problem(version)

    assert problem.startswith(said)
    assert "make PYTHON=python3." in problem
    assert "\n" not in problem


def test_the_lock_names_pip_by_version_and_hashes():
    """Only pip's own entry counts, not a package whose name merely begins the same."""
    assert bootstrap.locked(LOCK, "pip") == ("26.3", frozenset({SHA256, "1" * 64}))


def test_a_lock_without_pip_is_refused():
    """A lock that could not be installed from is said to be so, with the remedy."""
    with pytest.raises(bootstrap.Refused, match="does not list pip; make it anew with `make lock`"):
        bootstrap.locked("aiohttp==3.14.5 \\\n    --hash=sha256:00\n", "pip")


def test_the_real_lock_pins_everything_by_hash_and_names_no_place():
    """The committed lock has a hash for each package, and neither a path nor an index of anyone's."""
    lock = (bootstrap.ROOT / "requirements.lock").read_text(encoding="utf-8")
    names = [line.split("==")[0] for line in lock.splitlines() if line[:1].isalnum()]

    assert {"pip", "hatchling", "starlette", "pytest"} <= set(names)
    assert all(bootstrap.locked(lock, name)[1] for name in names)
    assert "://" not in lock
    assert not [line for line in lock.splitlines() if line.startswith(("-", "/", "."))]


def test_a_json_index_page_is_read():
    """The files of a JSON page come with absolute URLs and their hashes."""
    files = bootstrap.files_on(
        index_page(sha256=SHA256), "application/vnd.pypi.simple.v1+json", "https://index.example/simple/pip/"
    )

    assert files[1] == (
        "pip-26.3-py3-none-any.whl",
        "https://index.example/f/pip-26.3-py3-none-any.whl",
        SHA256,
    )


def test_a_mirror_that_answers_html_is_read_too():
    """Links of an HTML page give name, absolute URL and the hash behind the #, or no hash."""
    page = f"""<!DOCTYPE html><a href="https://files.example/pip-26.3-py3-none-any.whl#sha256={SHA256}">pip</a>
    <a href="pip-1.0%2Blocal.tar.gz">old</a><a name="top">no link</a>"""

    files = bootstrap.files_on(page.encode(), "text/html; charset=utf-8", "https://index.example/simple/pip/")

    assert files == [
        ("pip-26.3-py3-none-any.whl", "https://files.example/pip-26.3-py3-none-any.whl", SHA256),
        ("pip-1.0+local.tar.gz", "https://index.example/simple/pip/pip-1.0%2Blocal.tar.gz", ""),
    ]


@pytest.mark.parametrize(
    "page", [b"<html>sign in</html>", b"[]", b'{"files": [1]}', b'{"files": [{"url": "x"}]}']
)
def test_a_page_that_is_no_index_is_named(page):
    """A captive portal or a wrong address gives the address, not a traceback."""
    with pytest.raises(bootstrap.Refused, match=r"https://portal\.example/ is not a package index page"):
        bootstrap.files_on(page, "application/json", "https://portal.example/")


def test_the_wheel_whose_hash_the_lock_knows_is_chosen():
    """A file with the right hash is taken; one without a hash is fetched and then checked."""
    known = bootstrap.IndexFile("pip-26.3-py3-none-any.whl", "https://a/", SHA256)
    silent = known._replace(sha256="")

    assert bootstrap.choose([known], "26.3", frozenset({SHA256})) is known
    assert bootstrap.choose([silent], "26.3", frozenset({SHA256})) is silent


def test_an_index_with_another_pip_under_the_same_name_is_refused():
    """A wheel that the index itself says is different is not even fetched."""
    swapped = bootstrap.IndexFile("pip-26.3-py3-none-any.whl", "https://a/", OTHER)

    with pytest.raises(bootstrap.Refused, match=r"no pip 26\.3 with a hash that requirements.lock lists"):
        bootstrap.choose([swapped], "26.3", frozenset({SHA256}))


def test_a_download_is_held_against_the_lock():
    """The right bytes pass; one changed byte is refused with both names of the fault."""
    bootstrap.check(WHEEL, frozenset({SHA256}), "pip.whl")

    with pytest.raises(
        bootstrap.Refused, match=r"pip\.whl from the package index has sha256 [0-9a-f]{64}, which"
    ):
        bootstrap.check(WHEEL + b"!", frozenset({SHA256}), "pip.whl")


def test_pip_is_fetched_through_a_file_index_and_checked(tmp_path):
    """A mirror on disk works as an index, and its wheel is checked like any other."""
    page = tmp_path / "simple" / "pip" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text(f'<a href="../../pip-26.3-py3-none-any.whl#sha256={SHA256}">pip</a>')
    (tmp_path / "pip-26.3-py3-none-any.whl").write_bytes(WHEEL)
    index = bootstrap.Index(bootstrap.PipSettings(index_url=(tmp_path / "simple").as_uri() + "/"))

    assert index.pip_wheel(LOCK) == ("pip-26.3-py3-none-any.whl", WHEEL)

    (tmp_path / "pip-26.3-py3-none-any.whl").write_bytes(b"something else")
    with pytest.raises(bootstrap.Refused, match=r"which requirements\.lock does not list"):
        index.pip_wheel(LOCK)


def test_no_network_is_one_line_that_names_the_settings(monkeypatch):
    """An index that cannot be reached is named with what to check."""
    monkeypatch.setattr(bootstrap.time, "sleep", lambda _seconds: None)
    index = bootstrap.Index(bootstrap.PipSettings(index_url="http://127.0.0.1:9/simple/"))

    with pytest.raises(
        bootstrap.Refused, match=r"cannot read http://127\.0\.0\.1:9/simple/pip/ .*PIP_INDEX_URL"
    ):
        index.pip_wheel(LOCK)


def test_credentials_of_the_index_go_to_the_index_alone():
    """User and password leave the URL for a header, and never travel to another host."""
    index = bootstrap.Index(bootstrap.PipSettings(index_url="https://me:p%40ss@index.example/simple/"))

    home = index._request("https://me:p%40ss@index.example/simple/pip/", "*/*")
    elsewhere = index._request("https://files.example/pip.whl", "*/*")

    assert home.full_url == "https://index.example/simple/pip/"
    assert home.unredirected_hdrs["Authorization"] == "Basic bWU6cEBzcw=="
    assert "Authorization" not in elsewhere.unredirected_hdrs


def test_pip_settings_come_from_the_environment_then_from_the_last_file(tmp_path):
    """PIP_* variables win; among files the later one wins; [install] wins over [global]."""
    first, last = tmp_path / "first.conf", tmp_path / "last.conf"
    first.write_text("[global]\nindex-url = https://one.example/simple\ncert = /one.pem\ntimeout = 7\n")
    last.write_text(
        "[global]\nindex-url = https://two.example/simple/\n[install]\nextra-index-url =\n  https://x\n"
    )

    settings = bootstrap.pip_settings({"PIP_CERT": "/env.pem"}, [first, last, tmp_path / "absent.conf"])

    assert settings.index_url == "https://two.example/simple/"
    assert (settings.cert, settings.timeout, settings.extra) == ("/env.pem", 7.0, ("https://x",))


def test_a_damaged_pip_file_is_passed_over(tmp_path):
    """What pip itself would complain about does not stop the set-up with a traceback."""
    broken = tmp_path / "pip.conf"
    broken.write_text("index-url = no section\n")

    assert bootstrap.pip_settings({}, [broken]) == bootstrap.PipSettings()


def test_pip_files_are_those_that_pip_reads():
    """The per-user file stands before the one that PIP_CONFIG_FILE names; /dev/null means none."""
    files = bootstrap.pip_files({"HOME": "/home/maria", "PIP_CONFIG_FILE": "/srv/pip.conf"})

    assert files[-2:] == [Path("/home/maria/.config/pip/pip.conf"), Path("/srv/pip.conf")]
    assert bootstrap.pip_files({"HOME": "/home/maria", "PIP_CONFIG_FILE": os.devnull}) == []


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("WARNING: Retrying (Retry(total=4)) ... CERTIFICATE_VERIFY_FAILED", "certificate is not trusted"),
        (
            "WARNING: Retrying (Retry(total=4)) after connection broken by X",
            "the package index does not answer",
        ),
        (
            "note\nERROR: No matching distribution found for uvloop==0.23.0",
            "no wheel for this machine: ERROR: No",
        ),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n  x\n",
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES",
        ),
        ("  File x, line 1\n  FileNotFoundError: user_scripts\n", "FileNotFoundError: user_scripts"),
        ("one\ntwo\nthree\nfour", "two three four"),
    ],
)
def test_an_installer_failure_is_boiled_down_to_its_cause(output, said):
    """Of all an installer prints, the one line that helps is shown."""
    assert bootstrap.cause_in(output).startswith(said) or said in bootstrap.cause_in(output)


def test_an_environment_made_elsewhere_is_made_anew(tmp_path):
    """A moved folder or another Python means a fresh start; the same place is only brought up to date."""
    (tmp_path / ".ready").write_text("/srv/tocsin /usr 3.11.2\nkey\n")

    assert bootstrap.stale(tmp_path, "/home/maria/tocsin /usr 3.11")
    assert bootstrap.stale(tmp_path, "/srv/tocsin /usr 3.1")
    assert not bootstrap.stale(tmp_path, "/srv/tocsin /usr 3.11")

    (tmp_path / ".ready").unlink()
    assert not bootstrap.stale(tmp_path, "/srv/tocsin /usr 3.11")

    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.9.2\n")
    assert bootstrap.stale(tmp_path, "/srv/tocsin /usr 3.11")


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """Stand in for a checkout whose environment is filled with one file; from the call on it is not."""
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(
        bootstrap, "fill", lambda home, environ: (home / "installed").write_text("by the lock")
    )

    def refused(home, environ):
        raise bootstrap.Refused("the package index does not answer")

    return tmp_path, lambda: monkeypatch.setattr(bootstrap, "fill", refused)


def made_by(home, python):
    """Have the environment be one that another Python made."""
    stamp = home / ".ready"
    stamp.write_text(stamp.read_text().replace(sys.base_prefix, python, 1))
    (home / "installed").write_text(f"by {python}")


def test_another_python_gets_an_environment_of_its_own(checkout):
    """Nothing of the old one stays."""
    folder, _ = checkout
    bootstrap.main()
    made_by(folder / ".venv", "/opt/python")

    bootstrap.main()

    assert (folder / ".venv/installed").read_text() == "by the lock"
    assert not (folder / ".venv.old").exists()


def test_an_environment_is_kept_until_the_new_one_is_whole(checkout):
    """Without the network the one that worked is there as before, also after one more try and a killed one."""
    folder, without_network = checkout
    bootstrap.main()
    made_by(folder / ".venv", "/opt/python")
    stamp = (folder / ".venv/.ready").read_text()
    without_network()

    for _ in range(2):
        with pytest.raises(bootstrap.Refused, match="does not answer"):
            bootstrap.main()
        assert (folder / ".venv/.ready").read_text() == stamp
        assert (folder / ".venv/installed").read_text() == "by /opt/python"

    (folder / ".venv").rename(folder / ".venv.old")
    (folder / ".venv").mkdir()
    with pytest.raises(bootstrap.Refused, match="does not answer"):
        bootstrap.main()
    assert (folder / ".venv/installed").read_text() == "by /opt/python"


def test_a_folder_that_cannot_be_written_is_a_sentence(checkout):
    """It names the folder and what to do."""
    folder, _ = checkout
    (folder / ".venv/pyvenv.cfg").mkdir(parents=True)

    with pytest.raises(
        bootstrap.Refused, match=r"cannot write .*\.venv \(.+\); run make as the folder's owner"
    ):
        bootstrap.main()


def test_what_is_in_the_way_of_an_environment_is_a_sentence(checkout):
    """A file where the folder would be."""
    folder, _ = checkout
    (folder / ".venv").write_text("")

    with pytest.raises(bootstrap.Refused, match=r"cannot (make|write) .*\.venv"):
        bootstrap.main()


def test_a_checkout_without_a_lock_is_a_sentence(checkout):
    """Nothing can be installed without it."""
    folder, _ = checkout
    (folder / "requirements.lock").unlink()

    with pytest.raises(bootstrap.Refused, match=r"there is no .*requirements\.lock"):
        bootstrap.main()


def test_a_file_of_certificates_without_any_is_a_sentence(tmp_path):
    """It is named, with the setting that names it."""
    (tmp_path / "ca.pem").write_text("no certificate")

    with pytest.raises(bootstrap.Refused, match=r"`cert` names .*ca\.pem, which holds no certificates"):
        bootstrap.Index(bootstrap.PipSettings(cert=str(tmp_path / "ca.pem")))


def test_a_timeout_of_words_is_a_sentence():
    """Pip refuses it too."""
    with pytest.raises(bootstrap.Refused, match="a number of seconds, not 'soon'; correct PIP_TIMEOUT"):
        bootstrap.pip_settings({"PIP_TIMEOUT": "soon"}, [])
