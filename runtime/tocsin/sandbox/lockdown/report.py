"""What the locks of a worker amount to, as values that can be shown and compared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """One lock: whether it holds, whether project scripts may not run without it, and a detail."""

    name: str
    held: bool
    required: bool
    detail: str = ""

    def __str__(self) -> str:
        """Give one line such as `seccomp: held (141 instructions)`."""
        state = "held" if self.held else "NOT held"
        return f"{self.name}: {state}" + (f" ({self.detail})" if self.detail else "")


@dataclass(frozen=True, slots=True)
class LockReport:
    """The locks of this machine's workers and what a worker could do when it tried to break out.

    `locked` is True only where every required measure holds and every attempt of the self-test failed.
    `measures` are the locks as applied, `attempts` what the self-test tried (held = it was prevented).
    """

    platform: str
    measures: tuple[Measure, ...] = ()
    attempts: tuple[Measure, ...] = ()
    fault: str = ""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why this counts as not locked, one sentence each; empty where it is locked."""
        found = [self.fault] if self.fault else []
        if not self.measures and not self.fault:
            found.append("no worker has reported its locks")
        found += [
            f"{each.name} does not hold: {each.detail or 'no reason given'}"
            for each in self.measures
            if each.required and not each.held
        ]
        if not self.attempts and not found:
            found.append("the self-test has not been run")
        found += [
            f"a worker could {each.name}: {each.detail or 'it was not prevented'}"
            for each in self.attempts
            if each.required and not each.held
        ]
        return tuple(found)

    @property
    def locked(self) -> bool:
        """Whether project scripts may run under `lockdown = "required"`."""
        return not self.reasons
