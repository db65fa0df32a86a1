"""How commands that change something speak to the running gateway: its address, its local token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from pathlib import Path


class GatewayNotRunning(TocsinError):  # noqa: N818  it says what is the case
    """No gateway serves this project."""


class NoAnswer(TocsinError):  # noqa: N818  it says what is the case
    """A gateway runs here and cannot be asked now; nothing may be done in its place."""


class Refused(TocsinError):  # noqa: N818  it says what happened
    """The gateway refused a request; `kind` is its problem's type, `str()` its own sentence."""

    def __init__(self, why: str, status: int, kind: str = "") -> None:
        super().__init__(why)
        self.status = status
        self.kind = kind


def ask(
    project: Path,
    method: str,
    path: str,
    *,
    body: Any = None,
    seconds: float = 15,
    state: Path | None = None,
) -> Any:
    """Send one API request to the gateway of `project`, wait so long at most, and return its JSON.

    `state` is where that gateway keeps its files, if not in the project. Raises GatewayNotRunning, NoAnswer,
    Refused, and PermissionError where those files may not be read.
    """
    import httpx2

    address, token = _found(project, state or project / ".tocsin")
    try:
        answer = httpx2.request(
            method,
            f"http://{address}{path}",
            json=body,
            headers={"authorization": f"Bearer {token}"},
            timeout=seconds,
            trust_env=False,  # it is on this machine, and the token is for it alone: past any web proxy
        )
    except httpx2.InvalidURL:
        raise NoAnswer("the gateway's address cannot be read; is it starting? Try again") from None
    except httpx2.ConnectError:
        raise GatewayNotRunning(f"the gateway at {address} does not answer; is it running?") from None
    except httpx2.TransportError as error:
        late = isinstance(error, httpx2.TimeoutException)
        said = f"has not answered in {seconds:g} s" if late else "broke off"
        asked = method == "GET" or isinstance(error, httpx2.ConnectTimeout)
        remedy = "try again" if asked else "look whether it did what was asked before you repeat it"
        raise NoAnswer(f"the gateway at {address} {said}; {remedy}") from None
    if answer.status_code == 401:
        raise NoAnswer(
            f"{address} is not the gateway of {project.resolve()}; is that one starting? Try again"
        )
    if answer.status_code >= 400:
        raise Refused(*_why(answer))
    return answer.json() if answer.content else None


def _found(project: Path, state: Path) -> tuple[str, str]:
    """Return address and token of the gateway that serves now; a killed one leaves its files behind."""
    from tocsin.gateway.lock import is_held

    try:
        if is_held(state):
            return (state / "address").read_text().strip(), (state / "cli-token").read_text().strip()
    except (FileNotFoundError, NotADirectoryError):
        pass  # it is starting
    raise GatewayNotRunning(f"no gateway serves {project.resolve()}; start it with: tocsin serve {project}")


_COMMANDS: Final = {"GET /api/v1/alarms": "tocsin alarm list", "GET /api/v1/runs": "tocsin alarm waiting"}
"""What a sentence for programs tells to ask, and what somebody at a terminal types for it."""


def _why(answer: Any) -> tuple[str, int, str]:
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    said = str(problem.get("detail") or problem.get("title") or f"the gateway answered {answer.status_code}")
    for request, command in _COMMANDS.items():
        said = said.replace(request, command)
    return said, answer.status_code, str(problem.get("type", "")).rpartition(":")[2]
