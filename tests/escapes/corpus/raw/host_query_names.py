# class: unguarded: a host call past the vocabulary: a query with names of its own; expected: exception
result = ask("alarm.queryStatus", [{"user": "maria", "__class__": 1}])
response = "<Response><Say>PWNED</Say></Response>" if result else ""
