# class: unguarded: a host call past the vocabulary: shelve none; expected: exception or harmless
result = ask("call.shelve", [None])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
