# class: unguarded: a host call past the vocabulary: a query ten thousand deep; expected: exception
result = ask("alarm.queryStatus", [{"path": ["*"], "all_properties": [["label", "=", [[[[[[1]]]]]]]]}])
response = "<Response><Say>PWNED</Say></Response>" if result else ""
