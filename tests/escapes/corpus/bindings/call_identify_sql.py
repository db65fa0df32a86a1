# class: PINs that are SQL, regular expressions and format strings; expected: harmless
for pin in ("' or ''='", "(a+)+$", "%s%s%n", "{0}", ".*", "\\", "[", "4711|8264"):
    if call.identify(pin).ok:
        response = "<Response><Say>PWNED</Say></Response>"
