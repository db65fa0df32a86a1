# class: unguarded: a host call past the vocabulary: acknowledge none; expected: exception
result = ask("call.acknowledge", [])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
