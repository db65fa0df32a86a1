# class: unguarded: a host call past the vocabulary: acknowledge number ids; expected: exception or harmless
result = ask("call.acknowledge", [None, 5, ""])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
