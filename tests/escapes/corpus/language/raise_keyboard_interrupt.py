# class: KeyboardInterrupt, GeneratorExit and their like; expected: exception
try:
    raise KeyboardInterrupt("PWNED")
except Exception:
    raise
