"""Behind the guards stands the kernel: what a worker could do that no language rule held back any more."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from tests.sandbox.stage import PLAIN, Host, program

from tocsin.sandbox.lockdown import syscalls
from tocsin.sandbox.lockdown.report import LockReport, Measure
from tocsin.sandbox.sandbox import Sandbox
from tocsin.sandbox.script import Limits, ScriptFailed

linux = pytest.mark.skipif(sys.platform != "linux", reason="seccomp and Landlock are Linux's")

ATTEMPTS = {
    "open a file": "open('/etc/passwd').read()",
    "open its own code": "open(os.__file__).read()",
    "write a file": "open('/tmp/tocsin-test', 'w').write('x')",
    "list a folder": "os.listdir('/')",
    "stat a file": "os.stat('/etc/passwd')",
    "read /proc": "os.open('/proc/self/environ', os.O_RDONLY)",
    "create a memory file": "os.memfd_create('x')",
    "make a socket": "socket.socket()",
    "make a unix socket": "socket.socketpair()",
    "receive a descriptor": "socket.socket(fileno=3, family=1, type=5, proto=0).recvmsg(10, 100)",
    "send a descriptor": "socket.socket(fileno=3, family=1, type=5, proto=0).sendmsg([b'x'])",
    "fork": "os.fork()",
    "start a thread": "t = threading.Thread(target=print); t.start()",
    "start a process": "subprocess.run(['/bin/true'])",
    "execute": "os.execv('/bin/true', ['true'])",
    "kill the zygote": "os.kill(os.getppid(), 9)",
    "kill everything": "os.kill(-1, 9)",
    "signal itself": "os.kill(os.getpid(), 0)",
    "trace a process": "check(libc.ptrace(16, 1, 0, 0))",
    "read foreign memory": "check(libc.syscall(310, 1, 0, 0, 0, 0, 0))",
    "executable memory": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)",
    "make memory executable": (
        "m = mmap.mmap(-1, 4096); a = ctypes.addressof(ctypes.c_char.from_buffer(m));"
        " check(libc.mprotect(ctypes.c_void_p(a), 4096, 5))"
    ),
    "io_uring": "check(libc.syscall(425, 1, 0))",
    "bpf": "check(libc.syscall(321, 0, 0, 0))",
    "a user namespace": "check(libc.unshare(0x10000000))",
    "mount": "check(libc.mount(b'none', b'/', None, 0, None))",
    "chroot": "os.chroot('/')",
    "another user": "os.setuid(0)",
    "raise a limit": "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    "another priority": "os.setpriority(0, 0, -5)",
    "be dumpable again": "check(libc.prctl(4, 1, 0, 0, 0))",
    "keep living": "check(libc.prctl(1, 0, 0, 0, 0))",
    "ignore the timer's signal": "signal.signal(signal.SIGPROF, signal.SIG_IGN)",
    "load a library": "ctypes.CDLL('libutil.so.1')",
    "import from disk": "importlib.import_module('sqlite3')",
    "32 bit numbers": "check(libc.syscall(0x40000000 + 39))",
    "much memory": "bytearray(100 << 20)",
    "lock memory": "check(libc.mlockall(3))",
    "set the clock": "time.clock_settime(time.CLOCK_REALTIME, 0)",
    "a shared memory segment": "check(libc.shmget(0, 4096, 0o1600))",
}
CHECK = "def check(result):\n    if result < 0: raise OSError(ctypes.get_errno(), 'refused')\n"


@linux
@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS.keys())
async def test_a_broken_interpreter_is_contained(raw_sandbox, attempt):
    """Each attempt ends in an error or a dead worker, and the next turn is served."""
    made = program("raw(given['attempt'])\nresponse = 'ESCAPED'")
    good = program("response = 'good'")
    await raw_sandbox.publish("plant", made)
    await raw_sandbox.publish("plant", good)
    with pytest.raises(ScriptFailed) as failed:
        await raw_sandbox.run("plant", made.key, {"attempt": CHECK + attempt}, Host(), wall_s=2)

    assert failed.value.kind in {"exception", "killed", "memory"}
    outcome = await raw_sandbox.run("plant", good.key, {}, Host(), wall_s=2)
    assert outcome.result["response"] == "good"


@linux
async def test_a_forbidden_call_is_counted_as_a_breakout_attempt(raw_sandbox):
    """SIGSYS is never an accident; the failure says what it means."""
    made = program("raw('os.fork()')")
    await raw_sandbox.publish("plant", made)
    with pytest.raises(ScriptFailed) as failed:
        await raw_sandbox.run("plant", made.key, {}, Host(), wall_s=2)

    assert "SIGSYS" in failed.value.message
    assert raw_sandbox.stats()["breakout_attempts"] == 1


def descriptors(pid: int) -> dict[int, str]:
    return {int(each.name): str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()}


@linux
async def test_a_worker_holds_one_socket_and_no_environment(raw_sandbox):
    """Descriptors 0 to 2 are /dev/null, 3 is the socket to the server, and there is no other.

    (CPython itself sets LC_CTYPE where it finds no locale; TZ is the time zone that is local to scripts.)
    """
    made = program("response = raw(given['look'])")
    await raw_sandbox.publish("plant", made)
    look = "result = (os.getpid(), set(os.environ) - {'LC_CTYPE', 'TZ'})"
    outcome = await raw_sandbox.run("plant", made.key, {"look": look}, Host(), wall_s=2)
    pid, _, environment = outcome.result["response"].strip("()").partition(", ")
    assert environment == "set"
    if os.geteuid() == 0:
        found = descriptors(int(pid))
        assert set(found) == {0, 1, 2, 3}
        assert {found[0], found[1], found[2]} == {"/dev/null"}
        assert found[3].startswith("socket:")


@linux
async def test_the_report_shows_every_lock_and_every_attempt(sandbox):
    """Locked means: all required measures hold, and all that the self-test tried was prevented."""
    report = sandbox.lock_report
    required = {each.name for each in report.measures if each.required}

    assert required == {"no-new-privileges", "landlock", "resource-limits", "seccomp"}
    assert all(each.held for each in report.measures if each.required)
    assert len(report.attempts) == 9
    assert all(each.held for each in report.attempts)
    assert report.reasons == ()


def test_a_lock_that_does_not_hold_is_a_reason():
    """Required measures and successful attempts count; optional measures do not."""
    held = Measure("seccomp", held=True, required=True)
    report = LockReport(
        "linux",
        (held, Measure("landlock", held=False, required=True, detail="not in this kernel")),
        (Measure("open a file", held=False, required=True, detail="it succeeded"),),
    )

    assert not report.locked
    assert report.reasons == (
        "landlock does not hold: not in this kernel",
        "a worker could open a file: it succeeded",
    )
    optional = Measure("own-user", held=False, required=False)
    tried = (Measure("fork", held=True, required=True),)
    assert LockReport("linux", (held, optional), tried).locked
    assert not LockReport("linux", (held,)).locked
    assert not LockReport("linux").locked


@pytest.mark.parametrize(("lockdown", "runs"), [("required", False), ("best-effort", True)])
async def test_without_the_locks_no_program_runs_unless_told_to(monkeypatch, lockdown, runs):
    """Required and not held: every turn is refused with the reason, so that the default runs elsewhere."""

    async def unlocked(nursery):
        return LockReport("linux", fault="seccomp was not there")

    monkeypatch.setattr("tocsin.sandbox.sandbox.inspect", unlocked)
    made = Sandbox(limits=Limits(), vocabulary=PLAIN, lockdown=lockdown)
    await made.start()
    one = program("response = 'x'")
    try:
        assert await made.publish("plant", one) == []
        if runs:
            assert (await made.run("plant", one.key, {}, Host(), wall_s=1)).result["response"] == "x"
            return
        with pytest.raises(ScriptFailed) as failed:
            await made.run("plant", one.key, {}, Host(), wall_s=1)
        assert failed.value.kind == "no-worker"
        assert "seccomp was not there" in failed.value.message
    finally:
        await made.aclose()


async def test_a_vocabulary_that_cannot_be_imported_is_told(capfd):
    """The zygote's own fault is a reason, never an exception and never a hang."""
    made = Sandbox(limits=Limits(), vocabulary="tests.sandbox.no_such_vocabulary")
    report = await made.start()
    await made.aclose()

    assert not report.locked
    assert "no_such_vocabulary" in report.reasons[0]


@pytest.mark.parametrize(
    ("header", "column"),
    [("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", 0), ("/usr/include/asm-generic/unistd.h", 1)],
)
def test_the_numbers_of_system_calls_are_those_of_the_kernel(header, column):
    """Both tables agree with the kernel's own headers, where these are installed."""
    if not Path(header).exists():
        pytest.skip("the kernel's headers are not installed")
    pairs = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", Path(header).read_text())
    known = {name: int(number) for name, number in pairs}

    for table in (syscalls.ALLOWED, syscalls.FATAL):
        assert {name: pair[column] for name, pair in table.items()} == {
            name: known.get(name) for name in table
        }
