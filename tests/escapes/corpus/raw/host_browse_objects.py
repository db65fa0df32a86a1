# class: unguarded: a host call past the vocabulary: a filter of objects; expected: exception
result = ask("tag.browse", ["", {"name": {"x": 1}}])
response = "<Response><Say>PWNED</Say></Response>" if result else ""
