"""A real `tocsin serve` in its own process, for tests that need the whole program and its port."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOCSIN = ("-m", "tocsin")


@contextlib.contextmanager
def served(
    folder: Path,
    *options: str,
    dev: bool = True,
    program: Sequence[str] = TOCSIN,
    environ: Mapping[str, str] | None = None,
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run `tocsin serve` over a folder on a free port; yield its base URL and process; stop it.

    `program` is what Python runs in place of `-m tocsin`.
    """
    arguments = [*program, "serve", str(folder), "--port", "0", *(["--dev"] if dev else []), *options]
    with (folder / "serve.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'runtime'}:{ROOT}", **(environ or {})},
        )
    assert process.stdout is not None
    try:
        said = ""
        for line in process.stdout:
            said += line
            if line.startswith("tocsin serves"):
                break
        assert "tocsin serves" in said, f"no gateway: {said}\n{(folder / 'serve.log').read_text()}"
        yield said.rsplit(" at ", 1)[1].strip(), process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
