# class: unguarded: a host call past the vocabulary: shelve none; expected: exception
result = ask("call.shelve", [None, False])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
