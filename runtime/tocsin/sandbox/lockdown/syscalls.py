"""Which system calls a locked worker may make, which kill it at once, and their numbers per machine.

The reasons stand beside the names. Everything in neither list answers EPERM, so that a library's harmless
attempt (a stat, an ioctl) is an ordinary OSError, while an attempt that only hostile code makes is
recorded by the kernel as SIGSYS. Numbers are facts of the Linux ABI (`asm/unistd.h`); None = no such call.
"""

from __future__ import annotations

X86_64 = "x86_64"
AARCH64 = "aarch64"

ALLOWED: dict[str, tuple[int | None, int | None]] = {
    # first x86_64, then aarch64
    # talking to the server, over the one socket it holds
    "sendto": (44, 206),
    "recvfrom": (45, 207),
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "poll": (7, None),
    "ppoll": (271, 73),
    # memory; mmap and mprotect only without PROT_EXEC
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "brk": (12, 214),
    "madvise": (28, 233),
    # time, limits and the interpreter's own locks
    "setitimer": (38, 103),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "futex": (202, 98),
    "sched_yield": (24, 124),
    "rt_sigreturn": (15, 139),
    "restart_syscall": (219, 128),
    # random numbers for random.SystemRandom
    "getrandom": (318, 278),
    # knowing itself, and ending
    "getpid": (39, 172),
    "gettid": (186, 178),
    "exit": (60, 93),
    "exit_group": (231, 94),
}

NOT_EXECUTABLE = ("mmap", "mprotect")
"""Allowed only where the third argument lacks PROT_EXEC."""

FATAL: dict[str, tuple[int | None, int | None]] = {
    # another program or process
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, None),
    "vfork": (58, None),
    "clone": (56, 220),
    "clone3": (435, 435),
    # another socket, or file descriptors through this one
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "sendmsg": (46, 211),
    "recvmsg": (47, 212),
    "sendmmsg": (307, 269),
    "recvmmsg": (299, 243),
    # harm to other processes
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    # large kernel surfaces
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # another view of the system
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_by_handle_at": (304, 265),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "personality": (135, 92),
    "modify_ldt": (154, None),
    "iopl": (172, None),
    "ioperm": (173, None),
}

LANDLOCK_CREATE_RULESET = 444
LANDLOCK_RESTRICT_SELF = 446
CAPSET = {X86_64: 126, AARCH64: 91}


def numbers(table: dict[str, tuple[int | None, int | None]], machine: str) -> dict[str, int]:
    """Return name -> number of `table` for `machine` ("x86_64" or "aarch64"); KeyError for another."""
    column = {X86_64: 0, AARCH64: 1}[machine]
    return {name: number for name, pair in table.items() if (number := pair[column]) is not None}
