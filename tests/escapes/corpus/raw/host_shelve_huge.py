# class: unguarded: a host call past the vocabulary: shelve huge; expected: exception
result = ask("call.shelve", [1e308, False])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
