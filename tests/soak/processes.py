"""What /proc says of a server, its zygote and its workers."""

from __future__ import annotations

import contextlib
import statistics
from pathlib import Path

Stat = tuple[int, str]


def stats() -> dict[int, Stat]:
    """Return (parent, state) of every process there is."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(") ")[2].split()
                found[int(entry.name)] = (int(fields[1]), fields[0])
    return found


def memory(pid: int) -> dict[str, float]:
    """Return a process's resident (RSS) and private (USS) memory in MiB; {} where it is gone or a zombie."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        kib = dict.fromkeys(("Rss", "Private"), 0.0)
        for line in lines[1:]:
            name = line.partition(":")[0]
            if name == "Rss" or name in ("Private_Clean", "Private_Dirty"):
                kib[name.partition("_")[0]] += int(line.split()[1])
        return {name: value / 1024 for name, value in kib.items()}
    return {}


def files(pid: int) -> list[str]:
    """Return what a process's open descriptors point at."""
    found = []
    with contextlib.suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                found.append(str(entry.readlink()))
    return found


def seen(server: int, zygote: int) -> dict[str, float]:
    """Return memory, descriptors and processes of a running gateway, zygote and workers included."""
    every = stats()
    workers = [pid for pid, (parent, state) in every.items() if parent == zygote and state != "Z"]
    zombies = [pid for pid, (parent, state) in every.items() if parent in (server, zygote) and state == "Z"]
    own, of_zygote = memory(server), memory(zygote)
    each = [found for pid in workers if (found := memory(pid))]
    opened = files(server)
    return {
        "rss MiB": own.get("Rss", 0.0),
        "uss MiB": own.get("Private", 0.0),
        "zygote rss MiB": of_zygote.get("Rss", 0.0),
        "zygote files": len(files(zygote)),
        "workers": len(workers),
        # Not the largest: one of them may be at a script that eats memory until it is stopped.
        "median worker MiB": statistics.median(one["Private"] for one in each) if each else 0.0,
        "workers MiB": sum(one["Private"] for one in each),
        "zombies": len(zombies),
        "files": len(opened),
        "database files": sum("tocsin.db" in one for one in opened),
    }


def tree(root: int) -> set[int]:
    """Return a process and everything below it."""
    every = stats()
    found = {root}
    while more := {pid for pid, (parent, _) in every.items() if parent in found} - found:
        found |= more
    return found
