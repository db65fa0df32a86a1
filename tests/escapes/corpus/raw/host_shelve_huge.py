# class: unguarded: a host call past the vocabulary: shelve huge; expected: exception or harmless
result = ask("call.shelve", [1e308])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
