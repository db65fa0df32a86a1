"""Whatever is done to the script folder: nothing raises, no wrong version, no lost last good release."""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.scripts.conftest import DEFAULT
from tests.scripts.plant import CompilingSandbox

from tocsin.clock import VirtualClock
from tocsin.db import Database
from tocsin.scripts import Library

NAMES = st.sampled_from(["10_a.py", "20_b.py", "30_c.py", "_module.py"])
STRAY_NAMES = st.sampled_from([".10_a.py.swp", "10_a.py~", "#10_a.py#", ".#10_a.py", "4913", "10_a.py.tmp"])
GOOD = st.sampled_from(["x = 1\n", "x = 2\n", "# ünï\n", "y = {'a': [1, 2]}\nprint(y)\n"])
UNUSABLE = st.sampled_from(
    [b"\xff\xfe\x00", b"x" * 70_000, b"x" * 1_000_000, b"a\0b", b"def broken(:\n", b"x = ("]
)


@functools.cache
def with_tables() -> bytes:
    """A database with all its tables: a copy is quicker made than another one."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(f"sqlite:///{folder}/tocsin.db", clock=VirtualClock())
        database.migrate()
        database.close()
        return Path(folder, "tocsin.db").read_bytes()


class Edits(RuleBasedStateMachine):
    """`model` is what a reader of the folder should find: text, or None for a file that cannot be used."""

    @initialize()
    def begin(self):
        self.place = Path(tempfile.mkdtemp())
        self.scripts = self.place / "twilio_scripts"
        self.scripts.mkdir()
        (self.place / "other.py").write_text("z = 0\n")
        self.model: dict[str, str | None] = {}
        self.there = True
        self.loop = asyncio.new_event_loop()
        (self.place / "tocsin.db").write_bytes(with_tables())
        self.db = Database.open(f"sqlite:///{self.place}/tocsin.db", clock=VirtualClock())
        self.sandbox = CompilingSandbox()
        self.library = Library(sandbox=self.sandbox, db=self.db, clock=VirtualClock(), default=DEFAULT)
        self.do(self.library.start({".": self.place}))
        self.good: dict[str, str] = {}

    def do(self, work):
        return self.loop.run_until_complete(work)

    def teardown(self):
        if hasattr(self, "loop"):
            self.do(self.library.aclose())
            self.do(self.db.aclose())
            self.loop.close()
            shutil.rmtree(self.place)

    def clear(self, name):
        path = self.scripts / name
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
        self.model.pop(name, None)

    @rule(name=NAMES, text=GOOD)
    def save(self, name, text):
        if self.there:
            self.clear(name)
            (self.scripts / name).write_text(text)
            self.model[name] = text

    @rule(name=NAMES, text=GOOD)
    def save_by_renaming(self, name, text):
        if self.there:
            self.clear(name)
            (self.scripts / f".{name}.tmp").write_text(text)
            (self.scripts / f".{name}.tmp").replace(self.scripts / name)
            self.model[name] = text

    @rule(name=NAMES, data=UNUSABLE)
    def save_something_unusable(self, name, data):
        if self.there:
            self.clear(name)
            (self.scripts / name).write_bytes(data)
            self.model[name] = None

    @rule(name=NAMES)
    def delete(self, name):
        if self.there:
            self.clear(name)

    @rule(old=NAMES, new=NAMES)
    def rename(self, old, new):
        if self.there and old in self.model and old != new:
            kept = self.model[old]
            self.clear(new)
            (self.scripts / old).rename(self.scripts / new)
            del self.model[old]
            self.model[new] = kept

    @rule(name=NAMES, leads_to=st.sampled_from(["../other.py", "/etc/passwd", "gone.py", "../tocsin.db"]))
    def link(self, name, leads_to):
        if self.there:
            self.clear(name)
            (self.scripts / name).symlink_to(leads_to)
            self.model[name] = "z = 0\n" if leads_to == "../other.py" else None

    @rule(name=NAMES, kind=st.sampled_from(["folder", "pipe"]))
    def put_no_file(self, name, kind):
        if self.there:
            self.clear(name)
            if kind == "folder":
                (self.scripts / name).mkdir()
            else:
                os.mkfifo(self.scripts / name)
                self.model[name] = None

    @rule(name=STRAY_NAMES)
    def leave_a_swap_file(self, name):
        if self.there:
            (self.scripts / name).write_bytes(b"\x00 not Python (")

    @rule()
    def move_the_folder_away_or_back(self):
        aside = self.place / "aside"
        if self.there:
            self.scripts.rename(aside)
        else:
            aside.rename(self.scripts)
        self.there = not self.there

    @rule(name=NAMES, text=GOOD)
    def save_while_it_is_being_read(self, name, text):
        """The reload that meets a change in its middle ends with what was saved last."""
        if not self.there:
            return

        async def both():
            reload = asyncio.ensure_future(self.library.reload("."))
            await asyncio.sleep(0)
            self.save_by_renaming(name, text)
            await reload
            # What came after the last look comes with the next event, as the watch would bring it.
            await self.library.reload(".")

        self.do(both())

    @invariant()
    def the_right_version_is_in_force(self):
        if not hasattr(self, "loop"):
            return
        findings = self.do(self.library.reload("."))
        in_force = {one.name: one.text for one in self.library.current(".").files}
        refused = any(one.severity == "error" for one in findings)
        if not self.there:
            assert in_force == self.good
        elif None in self.model.values():
            assert refused
            assert in_force == self.good
        else:
            assert not refused
            self.good = dict(self.model)
            assert in_force == self.good
        release = self.library.current(".")
        assert (release.domain, release.key) in self.sandbox.held
        for one in findings:
            str(one).encode()


Edits.TestCase.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestEdits = pytest.mark.filterwarnings("ignore::ResourceWarning")(Edits.TestCase)
