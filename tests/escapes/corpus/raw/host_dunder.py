# class: unguarded: a host call past the vocabulary: dunder; expected: exception or harmless
result = ask("__class__", [])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
