# class: unguarded: a host call past the vocabulary: unknown; expected: exception or harmless
result = ask("os.system", ["true"])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
