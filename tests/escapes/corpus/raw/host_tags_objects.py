# class: unguarded: a host call past the vocabulary: paths that are none; expected: exception
result = ask("tag.readBlocking", [[{}, [], None]])
response = "<Response><Say>PWNED</Say></Response>" if result else ""
