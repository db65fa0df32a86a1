# class: the moment of an alarm with a pattern that grows; expected: exception
response = alarms[0].activeAt.strftime("%999999999d")
