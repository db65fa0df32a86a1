# class: queries without end; expected: host-calls
for n in range(1000):
    system.alarm.queryStatus()
response = "<Response><Say>PWNED</Say></Response>"
