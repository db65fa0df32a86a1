# class: unguarded: a host call past the vocabulary: acknowledge objects; expected: exception
result = ask("call.acknowledge", [{"a": 1}, {"b": [1]}, [2], False])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
