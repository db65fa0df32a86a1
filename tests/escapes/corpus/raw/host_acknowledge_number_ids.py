# class: unguarded: a host call past the vocabulary: acknowledge number ids; expected: exception
result = ask("call.acknowledge", [None, 5, "", False])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
