# class: unguarded: a host call past the vocabulary: a query that is a list; expected: exception
result = ask("alarm.queryStatus", [[]])
response = "<Response><Say>PWNED</Say></Response>" if result else ""
