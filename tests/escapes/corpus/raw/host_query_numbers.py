# class: unguarded: a host call past the vocabulary: priorities that are none; expected: exception
result = ask("alarm.queryStatus", [{"priority": [True, -1, 99, 1e308]}])
response = "<Response><Say>PWNED</Say></Response>" if result else ""
