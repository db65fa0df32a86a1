"""Takes every power from the calling process that a script does not need, for good.

`confine` is called once in each freshly forked child (worker or compiler) before it sees a byte of user
code. Nothing here needs root, C code or a package: system calls are made through ctypes. `report` says
what holds and what does not, `selftest` tries the forbidden things for real.

Only Linux has the locks (seccomp, Landlock); elsewhere the same calls apply what there is and the report
says that it is for development only.
"""
