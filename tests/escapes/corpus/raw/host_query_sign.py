# class: unguarded: a host call past the vocabulary: a sign that is an object; expected: exception
result = ask("alarm.queryStatus", [{"any_properties": [["label", {}, 1]]}])
response = "<Response><Say>PWNED</Say></Response>" if result else ""
