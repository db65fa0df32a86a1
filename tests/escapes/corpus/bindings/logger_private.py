# class: the way to the log behind a logger; expected: exception
log = getattr(system.util.getLogger("x"), "_log")
log("critical", "PWNED")
