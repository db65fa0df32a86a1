# class: unguarded: a host call past the vocabulary: identify list; expected: exception or harmless
result = ask("call.identify", [[1, 2]])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
