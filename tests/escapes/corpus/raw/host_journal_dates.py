# class: unguarded: a host call past the vocabulary: dates beyond every calendar; expected: exception
result = ask("alarm.queryJournal", [-1e308, 1e308, {}])
response = "<Response><Say>PWNED</Say></Response>" if result else ""
