# class: browsing by an object; expected: exception
found = system.tag.browse(system, {'name': system})
response = "<Response><Say>PWNED</Say></Response>"
