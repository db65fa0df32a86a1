# class: unguarded: a host call past the vocabulary: dunder; expected: exception
result = ask("__class__", [])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
