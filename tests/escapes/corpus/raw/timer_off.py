# class: unguarded: turning the timers off and spinning; expected: killed by cpu or exception
signal.setitimer(signal.ITIMER_PROF, 0)
signal.setitimer(signal.ITIMER_REAL, 0)
while True:
    pass
