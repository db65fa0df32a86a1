# class: a journal from a number that is none; expected: exception
found = system.alarm.queryJournal(float('nan'))
response = "<Response><Say>PWNED</Say></Response>"
