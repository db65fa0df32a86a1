# class: comparing and sorting alarms; expected: exception
sorted(list(alarms) * 2)
