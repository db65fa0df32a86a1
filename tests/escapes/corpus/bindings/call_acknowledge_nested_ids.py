# class: acknowledging alarms by a list of lists; expected: exception
call.acknowledge(alarms=[[alarms[0].id]])
