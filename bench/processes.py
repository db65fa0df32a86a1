"""What /proc says about a process and all its descendants."""

from __future__ import annotations

import os
import time
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the command's name; [] where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []


def descendants(pid: int) -> list[int]:
    """Return the living processes below one, nearest first."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))) and fields[0] != "Z":
            below.setdefault(int(fields[1]), []).append(int(entry.name))
    found = list(below.get(pid, []))
    for one in found:
        found += below.get(one, [])
    return found


def workers(pid: int) -> list[int]:
    """Return a gateway's sandboxed workers, the one in reserve included; not the compiler in reserve."""
    return [one for one in descendants(pid) if _name(one) == "tocsin-worker"]


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def cpu_s(pid: int) -> float:
    """Return the processor time of a process and its descendants, the ended ones included."""
    total = 0
    for one in (pid, *descendants(pid)):
        if fields := _stat(one):
            total += sum(int(field) for field in fields[11:15])
    return total / _TICK


class Others:
    """How many cores other programs kept busy between making this and `cores()`.

    A figure taken while others work says more about them than about what is measured.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._began = time.monotonic()
        self._before = self._foreign_s()

    def _foreign_s(self) -> float:
        """Return the processor time of everything but one process tree, ourselves and our ended children."""
        fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
        user, nice, system, _idle, _waiting, *interrupts = (int(field) for field in fields[:8])
        ours = os.times() if self._pid != os.getpid() else (0.0,)
        return (user + nice + system + sum(interrupts)) / _TICK - cpu_s(self._pid) - sum(ours[:4])

    def cores(self) -> float:
        """Return the cores others kept busy, on average."""
        return (self._foreign_s() - self._before) / (time.monotonic() - self._began)


def private_mib(pid: int) -> float:
    """Return the memory that is a process's alone (USS)."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kib = sum(int(line.split()[1]) for line in rollup if line.startswith("Private_"))
    return kib / 1024


def resident_mib(pid: int) -> float:
    """Return the resident memory of one process, shared pages included."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
