# class: unguarded: a host call past the vocabulary: too few arguments; expected: exception
result = ask("alarm.queryJournal", [])
response = "<Response><Say>PWNED</Say></Response>" if result else ""
