# class: unguarded: a host call past the vocabulary: acknowledge text ids; expected: exception or harmless
result = ask("call.acknowledge", [None, "abc", ""])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
