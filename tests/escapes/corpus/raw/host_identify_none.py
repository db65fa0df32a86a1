# class: unguarded: a host call past the vocabulary: identify none; expected: exception
result = ask("call.identify", [])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
