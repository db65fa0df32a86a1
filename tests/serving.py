"""A real `tocsin serve` in its own process, for tests that need the whole program and its port."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent


@contextlib.contextmanager
def served(folder: Path, *options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run `tocsin serve` over a folder on a free port; yield its base URL and process; stop it."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "runtime")}
    log = (folder / "serve.log").open("a")
    process = subprocess.Popen(
        [sys.executable, "-m", "tocsin", "serve", str(folder), "--port", "0", "--dev", *options],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env=environ,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert " at http" in line, f"no gateway: {line}\n{(folder / 'serve.log').read_text()}"
        yield line.split(" at ")[1].strip(), process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()
