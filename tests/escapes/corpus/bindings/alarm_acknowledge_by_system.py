# class: acknowledging past the PIN; expected: exception
system.alarm.acknowledge([alarm.id for alarm in alarms], 'PWNED', 'maria')
response = "<Response><Say>PWNED</Say></Response>"
