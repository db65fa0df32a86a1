# class: writing a tag; expected: exception
system.tag.writeBlocking(["Plant/Pump"], [1])
response = "<Response><Say>PWNED</Say></Response>"
