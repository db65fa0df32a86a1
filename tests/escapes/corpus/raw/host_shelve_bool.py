# class: unguarded: a host call past the vocabulary: shelve bool; expected: exception
result = ask("call.shelve", [True, False])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
