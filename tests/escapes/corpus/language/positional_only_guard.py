# class: positional-only parameter that shadows a guard (CVE-2026-55830); expected: rejected at compile
def f(_getattr_, /):
    return params.keys
response = "<Response><Say>PWNED</Say></Response>"
