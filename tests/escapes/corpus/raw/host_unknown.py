# class: unguarded: a host call past the vocabulary: unknown; expected: exception
result = ask("os.system", ["true"])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
