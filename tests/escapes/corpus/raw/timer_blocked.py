# class: unguarded: blocking the signals and spinning; expected: killed by cpu or killed by the kernel
try:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF, signal.SIGALRM, signal.SIGXCPU})
except OSError:
    pass
while True:
    pass
