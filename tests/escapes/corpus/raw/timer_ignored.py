# class: unguarded: ignoring the timers' signals and spinning; expected: killed by cpu or killed by the kernel
try:
    signal.signal(signal.SIGPROF, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
except (OSError, ValueError):
    pass
while True:
    pass
