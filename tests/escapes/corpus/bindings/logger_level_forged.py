# class: a logger with a name that forges a line; expected: harmless
system.util.getLogger("x\n2026-01-01 00:00:00 [critical] PWNED").info("\x1b[2J\x1b]0;PWNED\x07")
response = ""
