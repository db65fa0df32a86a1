# class: unguarded: SystemExit in the worker; expected: exception or killed by the kernel
raise SystemExit(0)
