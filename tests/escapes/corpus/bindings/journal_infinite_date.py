# class: a journal until infinity; expected: exception
found = system.alarm.queryJournal(0, float('inf'))
response = "<Response><Say>PWNED</Say></Response>"
