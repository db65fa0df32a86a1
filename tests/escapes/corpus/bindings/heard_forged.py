# class: heard with a list of alarms; expected: exception
heard(alarms)
