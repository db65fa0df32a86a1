# class: unguarded: a host call past the vocabulary: shelve bool; expected: exception or harmless
result = ask("call.shelve", [True])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
