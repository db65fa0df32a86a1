"""The shapes of running a script by hand."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from tocsin.web.api.models.words import Username  # noqa: TC001  msgspec reads annotations

Source = Annotated[str, Meta(max_length=64 * 1024)]


class RunBody(Struct, kw_only=True, omit_defaults=True):
    """A script, the modules beside it (`_name.py`), whom it runs as, and its `params`."""

    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$", examples=["takeover.py"])]
    source: Source
    user: Username
    modules: Annotated[
        dict[Annotated[str, Meta(pattern=r"^_[A-Za-z0-9_]{0,98}\.py$")], Source], Meta(max_length=50)
    ] = {}
    params: dict[Annotated[str, Meta(max_length=100)], Annotated[str, Meta(max_length=4000)]] = {}


class ScriptLine(Struct, kw_only=True):
    """One line that the script printed or logged, with its place."""

    file: str
    line: int
    level: str
    text: str


class ScriptFailure(Struct, kw_only=True):
    """Why the script did not come to its end; `source` is the line at fault."""

    kind: str
    file: str
    line: int
    source: str
    message: str


class ScriptRan(Struct, kw_only=True):
    """How it ended. What it did before a failure stays done."""

    run: str
    ok: bool
    log: list[ScriptLine]
    failure: ScriptFailure | None
    took_ms: float
