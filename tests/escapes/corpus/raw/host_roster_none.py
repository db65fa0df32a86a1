# class: unguarded: a host call past the vocabulary: a roster that is none; expected: exception
result = ask("roster.getRoster", [None])
response = "<Response><Say>PWNED</Say></Response>" if result else ""
