# class: list.append on a tuple of the gateway's; expected: exception
list.append(alarms, 1)
response = "<Response><Say>PWNED</Say></Response>"
