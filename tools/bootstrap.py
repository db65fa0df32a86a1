"""Makes `.venv` from `requirements.lock` with nothing but the standard library.

`make` runs this before every target that needs the environment. It works where Python has neither pip
nor ensurepip, as on a bare Debian or Ubuntu: the environment is made without pip, pip's own wheel is
fetched from the package index, held against the hash that the lock gives for it, and then installs the
rest of the lock, every file hash-checked. Where `uv` is on PATH it does the installing.

Which index, proxy and certificates are used follows pip's own environment variables and files. Nothing
outside `.venv` is written. This file must stay readable for Python 3.7, so that an old one gets a
sentence instead of a SyntaxError, and must import nothing that is not in the standard library.
"""

from __future__ import annotations

import base64
import configparser
import contextlib
import fcntl
import hashlib
import html.parser
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
import venv
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
OLDEST, NEWEST = (3, 11), (3, 15)  # what RestrictedPython 9 is audited for
TRUST = "install the CA certificates (Debian: apt-get install ca-certificates) or set PIP_CERT"
REACH = "check the network, or set PIP_INDEX_URL, PIP_PROXY"
SIMPLE_JSON = "application/vnd.pypi.simple.v1+json"


class Refused(Exception):  # noqa: N818  a sentence for a person, not an error class for a program
    """Set-up cannot go on; `str()` is one sentence that says why and what to do."""


def version_problem(version: Sequence[object]) -> str | None:
    """Say what is wrong with this Python (`version` = sys.version_info), or None."""
    found = f"Python {version[0]}.{version[1]}"
    if tuple(version[:2]) < OLDEST:
        return f"{found} is too old: tocsin needs 3.11 or newer; name one: make PYTHON=python3.12 test"
    if tuple(version[:2]) > NEWEST:
        return f"{found} is newer than the sandbox is audited for (3.11-3.15): make PYTHON=python3.13 test"
    return None


# ---- what the lock says ------------------------------------------------------------------------


def locked(lock: str, name: str) -> tuple[str, frozenset[str]]:
    """Give (version, sha256 hashes) of one package in the text of a hash-pinned lock."""
    entry = re.search(rf"^{re.escape(name)}==([^\s;\\]+)(.*?)(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL)
    if entry is None:
        raise Refused(f"requirements.lock does not list {name}; make it anew with `make lock`")
    return entry.group(1), frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry.group(2)))


def key_of(*parts: str) -> str:
    """Give the stamp that `.venv/.ready` must carry for an environment made from these texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


# ---- pip's configuration -----------------------------------------------------------------------


class PipSettings(NamedTuple):
    """Where pip would look and how; `index_url` ends in a slash, `timeout` is in seconds."""

    index_url: str = "https://pypi.org/simple/"
    extra: tuple[str, ...] = ()
    cert: str | None = None
    proxy: str | None = None
    trusted: frozenset[str] = frozenset()
    timeout: float = 30.0


def pip_files(environ: Mapping[str, str]) -> list[Path]:
    """List the files pip reads on Linux and macOS, weakest first.

    After https://pip.pypa.io/en/stable/topics/configuration/#location.
    """
    chosen = environ.get("PIP_CONFIG_FILE")
    if chosen == os.devnull:
        return []
    home = Path(environ.get("HOME") or "/")
    shared = [
        Path(folder, "pip/pip.conf") for folder in environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")
    ]
    own = Path(environ.get("XDG_CONFIG_HOME") or home / ".config", "pip/pip.conf")
    files = [*shared, Path("/etc/pip.conf"), home / ".pip/pip.conf", own]
    return [*files, Path(chosen)] if chosen else files


def pip_settings(environ: Mapping[str, str], files: Iterable[Path]) -> PipSettings:
    """Read pip's settings as pip does: PIP_* variables first, then the last file that names the key."""
    parser = configparser.RawConfigParser()
    with contextlib.suppress(configparser.Error, UnicodeDecodeError):
        parser.read([str(file) for file in files], encoding="utf-8")

    def setting(key: str) -> str:
        from_environ = environ.get("PIP_" + key.upper().replace("-", "_"), "")
        in_files = [
            parser.get(part, key, fallback="") for part in ("install", "global") if parser.has_section(part)
        ]
        return next((text.strip() for text in (from_environ, *in_files) if text.strip()), "")

    usual = PipSettings()
    patience = setting("timeout") or setting("default-timeout")
    try:
        timeout = float(patience) if patience else usual.timeout
    except ValueError:
        raise Refused(
            f"pip's timeout is a number of seconds, not {patience!r}; correct PIP_TIMEOUT or pip.conf"
        ) from None
    return PipSettings(
        index_url=(setting("index-url") or usual.index_url).rstrip("/") + "/",
        extra=tuple(setting("extra-index-url").split()),
        cert=setting("cert") or None,
        proxy=setting("proxy") or None,
        trusted=frozenset(setting("trusted-host").split()),
        timeout=timeout,
    )


# ---- the package index -------------------------------------------------------------------------


class IndexFile(NamedTuple):
    """One file that an index page offers; `sha256` is "" where the index does not say."""

    name: str
    url: str
    sha256: str


class _Links(html.parser.HTMLParser):
    """Collects the links of an index page that is HTML, for mirrors that know no JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href") if tag == "a" else None
        if href:
            self.hrefs.append(href)


def files_on(page: bytes, content_type: str, page_url: str) -> list[IndexFile]:
    """List the files on an index page, JSON or HTML, with absolute URLs.

    After https://packaging.python.org/en/latest/specifications/simple-repository-api/.
    """
    text = page.decode("utf-8", "replace")
    if "json" not in content_type:
        links = _Links()
        links.feed(text)
        split = [href.partition("#sha256=") for href in links.hrefs]
        return [
            IndexFile(
                urllib.parse.unquote(url.rpartition("/")[2]), urllib.parse.urljoin(page_url, url), sha256
            )
            for url, _, sha256 in split
        ]
    try:
        return [
            IndexFile(
                file["filename"],
                urllib.parse.urljoin(page_url, file["url"]),
                file["hashes"].get("sha256", ""),
            )
            for file in json.loads(text)["files"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Refused(f"{page_url} is not a package index page; check PIP_INDEX_URL") from None


def choose(files: Sequence[IndexFile], version: str, hashes: frozenset[str]) -> IndexFile:
    """Pick pip's wheel of the locked version: the file whose hash the lock knows, or one without a hash."""
    wheels = [file for file in files if file.name == f"pip-{version}-py3-none-any.whl"]
    for file in wheels:
        if file.sha256 in hashes or not file.sha256:
            return file
    raise Refused(f"the package index offers no pip {version} with a hash that requirements.lock lists")


def check(content: bytes, hashes: frozenset[str], name: str) -> None:
    """Refuse a download that the lock does not know."""
    found = hashlib.sha256(content).hexdigest()
    if found not in hashes:
        raise Refused(
            f"{name} from the package index has sha256 {found}, which requirements.lock does not list"
        )


class Index:
    """Reads pages and files from the configured package index."""

    def __init__(self, settings: PipSettings) -> None:
        """Build one opener with the configured certificates and proxy."""
        self._settings = settings
        handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPSHandler(context=self._tls())]
        if settings.proxy:
            handlers.append(urllib.request.ProxyHandler({"http": settings.proxy, "https": settings.proxy}))
        self._opener = urllib.request.build_opener(*handlers)

    def _tls(self) -> ssl.SSLContext:
        cert = self._settings.cert
        if cert and not Path(cert).exists():
            raise Refused(f"pip's setting `cert` names {cert}, which does not exist")
        folder = cert if cert and Path(cert).is_dir() else None
        try:
            context = ssl.create_default_context(cafile=None if folder else cert, capath=folder)
        except ssl.SSLError:
            raise Refused(f"pip's setting `cert` names {cert}, which holds no certificates") from None
        host = urllib.parse.urlsplit(self._settings.index_url)
        if {host.hostname, host.netloc.rpartition("@")[2]} & self._settings.trusted:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context

    def _request(self, url: str, accept: str) -> urllib.request.Request:
        """Ask with the credentials of the index's own URL, but only on the index's own host."""
        parts = urllib.parse.urlsplit(url)
        index = urllib.parse.urlsplit(self._settings.index_url)
        plain = urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        if parts.scheme == "file" and plain.endswith("/"):
            plain += "index.html"
        request = urllib.request.Request(plain, headers={"Accept": accept, "User-Agent": "tocsin-bootstrap"})
        if index.username is not None and parts.hostname == index.hostname:
            user, password = urllib.parse.unquote(index.username), urllib.parse.unquote(index.password or "")
            pair = base64.b64encode(f"{user}:{password}".encode()).decode()
            request.add_unredirected_header("Authorization", f"Basic {pair}")
        return request

    def get(self, url: str, accept: str = "*/*") -> tuple[bytes, str, str]:
        """Fetch `url`; gives (content, content type, final URL). Tries three times before it refuses."""
        request = self._request(url, accept)
        reason: object = None
        for attempt in range(3):
            time.sleep(attempt)
            try:
                with self._opener.open(request, timeout=self._settings.timeout) as answer:
                    return answer.read(), answer.headers.get("Content-Type", ""), answer.geturl()
            except OSError as error:  # URLError and TimeoutError are OSErrors
                reason = getattr(error, "reason", None) or error
                if isinstance(reason, ssl.SSLCertVerificationError) or getattr(error, "code", 500) < 500:
                    break
        hint = TRUST if isinstance(reason, ssl.SSLCertVerificationError) else REACH
        raise Refused(f"cannot read {request.full_url} ({reason}); {hint}")

    def pip_wheel(self, lock: str) -> tuple[str, bytes]:
        """Fetch the locked pip; gives (file name, content), the content held against the lock."""
        version, hashes = locked(lock, "pip")
        page, kind, url = self.get(self._settings.index_url + "pip/", SIMPLE_JSON + ", text/html;q=0.1")
        wheel = choose(files_on(page, kind, url), version, hashes)
        content, _, _ = self.get(wheel.url)
        check(content, hashes, wheel.name)
        return wheel.name, content


# ---- the environment ---------------------------------------------------------------------------


def cause_in(output: str) -> str:
    """Find, in what an installer printed, the one sentence that helps."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if "CERTIFICATE_VERIFY_FAILED" in output or "UnknownIssuer" in output:
        return f"the package index's certificate is not trusted; {TRUST}"
    if any("Retrying (" in line or "dns error" in line or "tcp connect error" in line for line in lines):
        return f"the package index does not answer; {REACH}"
    if "no matching distribution" in output.lower():
        return "no wheel for this machine: " + next(line for line in lines if "atching distribution" in line)
    errors = [line for line in lines if re.match(r"(?i)error\b|\w+Error: ", line)]
    return " ".join(errors or lines[-3:])


def run(command: Sequence[object], environ: Mapping[str, str]) -> None:
    """Run an installer quietly; where it fails, refuse with the cause it printed."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        what = "this project" if "--editable" in words else "requirements.lock"
        raise Refused(f"cannot install {what}: {cause_in(done.stdout + done.stderr)}")


def with_uv(uv: str, python: Path, lock: Path, settings: PipSettings, environ: Mapping[str, str]) -> None:
    """Install with uv, told what pip's configuration says, since uv does not read it."""
    told = {"UV_DEFAULT_INDEX": settings.index_url, "UV_INDEX": " ".join(settings.extra)}
    if settings.cert:
        told["SSL_CERT_FILE"] = settings.cert
    environ = {**told, **environ}
    install = [uv, "pip", "install", "--quiet", "--python", python]
    # Extra indexes are alternatives, as for pip; the hashes say which file is right.
    strict = ["--require-hashes", "--only-binary", ":all:", "--index-strategy", "unsafe-best-match"]
    run([*install, *strict, "--requirements", lock], environ)
    run([*install, "--no-deps", "--no-build-isolation", "--editable", "."], environ)


def with_pip(python: Path, lock: Path, settings: PipSettings, environ: Mapping[str, str]) -> None:
    """Install with the pip that the lock names, run from its own wheel."""
    name, content = Index(settings).pip_wheel(lock.read_text(encoding="utf-8"))
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    environ = {**environ, **quiet, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(folder, name)
        wheel.write_bytes(content)
        install = [python, wheel / "pip", "install", "--quiet"]
        run([*install, "--require-hashes", "--only-binary", ":all:", "--requirement", lock], environ)
        run([*install, "--no-deps", "--no-build-isolation", "--editable", "."], environ)


def fill(home: Path, environ: Mapping[str, str]) -> None:
    """Install the lock and then the project itself, editable, into the environment in `home`."""
    lock = ROOT / "requirements.lock"
    settings = pip_settings(environ, pip_files(environ))
    count = len(re.findall(r"^[A-Za-z0-9]", lock.read_text(encoding="utf-8"), re.MULTILINE))
    uv = shutil.which("uv")
    print(
        f"tocsin: installing {count} locked packages into {home.name}/ with {'uv' if uv else 'pip'}",
        flush=True,
    )
    python = home / "bin" / "python"
    if uv is not None:
        try:
            with_uv(uv, python, lock, settings, environ)
        except Refused as problem:
            print(f"tocsin: {problem}; trying pip", file=sys.stderr, flush=True)
        else:
            return
    with_pip(python, lock, settings, environ)


def stale(home: Path, place: str) -> bool:
    """Tell whether what is in `home` was made by another Python or for another folder.

    A point release is no other Python: the environment's interpreter is a link to it.
    """
    stamp, made = home / ".ready", home / "pyvenv.cfg"
    if stamp.is_file():
        found = stamp.read_text(encoding="utf-8").partition("\n")[0]
        return found != place and not found.startswith(place + ".")
    ours = "version = {}.{}.".format(*sys.version_info)
    return made.is_file() and ours not in made.read_text(encoding="utf-8")


def set_aside(home: Path) -> Path:
    """Give the place where an environment waits until the one that replaces it is whole."""
    return home.with_name(home.name + ".old")


@contextlib.contextmanager
def replacing(home: Path) -> Iterator[None]:
    """Make room for another environment in `home`; where that cannot be made, put the old one back."""
    old = set_aside(home)
    if old.exists():  # an earlier run was killed half-way: what is in `home` is unfinished
        shutil.rmtree(home, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):  # where it cannot be moved it is emptied instead
            home.rename(old)
    try:
        yield
    except BaseException:
        if old.exists():
            shutil.rmtree(home, ignore_errors=True)
            old.rename(home)
        raise
    shutil.rmtree(old, ignore_errors=True)


@contextlib.contextmanager
def written(home: Path) -> Iterator[None]:
    """Refuse, where `home` cannot be written, with a sentence."""
    try:
        yield
    except ValueError as error:  # what venv says of a path that no environment can have
        raise Refused(f"cannot make {home}: {error}; move the project, or what is in the way") from None
    except OSError as error:
        why = error.strerror or error
        raise Refused(
            f"cannot write {home} ({why}); run make as the folder's owner, with 500 MB of disk"
        ) from error


def make(home: Path, wanted: str, *, clear: bool) -> None:
    """Make or refresh the environment in `home`; the stamp is written once it is whole."""
    stamp = home / ".ready"
    with written(home):
        venv.EnvBuilder(with_pip=False, symlinks=True, clear=clear).create(home)
        stamp.unlink(missing_ok=True)
    fill(home, os.environ)
    with written(home):
        stamp.write_text(wanted, encoding="utf-8")


def main() -> None:
    """Bring `.venv` in line with the lock; does nothing where its stamp already says so."""
    problem = version_problem(sys.version_info)
    if problem is not None:
        raise Refused(problem)
    try:
        texts = [(ROOT / one).read_text(encoding="utf-8") for one in ("requirements.lock", "pyproject.toml")]
    except FileNotFoundError as error:
        raise Refused(f"there is no {error.filename}; check the project out again") from None
    place = "{} {} {}.{}".format(ROOT, sys.base_prefix, *sys.version_info)
    wanted = f"{place}\n{key_of(*texts)}\n"
    home = ROOT / ".venv"
    stamp = home / ".ready"
    with Path(__file__).open(encoding="utf-8") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)  # `make demo` and `make test` at once: the second one waits
        if (
            stamp.is_file()
            and stamp.read_text(encoding="utf-8") == wanted
            and (home / "bin" / "python").exists()
        ):
            return
        if stale(home, place) or set_aside(home).exists():
            with replacing(home):
                make(home, wanted, clear=True)
        else:
            make(home, wanted, clear=False)


if __name__ == "__main__":
    try:
        main()
    except Refused as refusal:
        sys.exit(f"tocsin: {refusal}")
    except KeyboardInterrupt:
        sys.exit(130)
