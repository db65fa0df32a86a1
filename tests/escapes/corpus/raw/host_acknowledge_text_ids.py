# class: unguarded: a host call past the vocabulary: acknowledge text ids; expected: exception
result = ask("call.acknowledge", [None, "abc", "", False])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
