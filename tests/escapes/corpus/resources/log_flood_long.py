# class: one log line of megabytes; expected: harmless
print("PWNED" * 200000)
response = ""
