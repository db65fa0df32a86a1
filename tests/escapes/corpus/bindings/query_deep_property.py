# class: a condition nested a thousand deep; expected: exception
value = []
for n in range(1000):
    value = [value]
found = system.alarm.queryStatus(all_properties=[('label', '=', value)])
response = "<Response><Say>PWNED</Say></Response>"
