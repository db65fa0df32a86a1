# class: rebinding a host method; expected: exception
call.acknowledge = lambda *args: "PWNED"
response = "<Response><Say>PWNED</Say></Response>"
