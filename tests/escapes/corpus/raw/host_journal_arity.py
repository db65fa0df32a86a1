# class: unguarded: a host call past the vocabulary: too few arguments; expected: exception or harmless
result = ask("alarm.queryJournal", [])
response = "<Response><Say>PWNED</Say></Response>" if result else ""
