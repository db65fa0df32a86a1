# class: unguarded: a host call past the vocabulary: empty name; expected: protocol
result = ask("", [])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
