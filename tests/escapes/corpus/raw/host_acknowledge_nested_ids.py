# class: unguarded: a host call past the vocabulary: acknowledge nested ids; expected: exception
result = ask("call.acknowledge", [None, [["x"]], "", False])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
