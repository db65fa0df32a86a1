# class: await in a lambda; expected: rejected at compile
f = lambda: (await call.sid)
response = "<Response><Say>PWNED</Say></Response>"
