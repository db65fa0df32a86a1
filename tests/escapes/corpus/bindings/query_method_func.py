# class: the function behind a bound method of system.tag; expected: exception
found = getattr(system.tag.readBlocking, '__func__')
response = "<Response><Say>PWNED</Say></Response>"
