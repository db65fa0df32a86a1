# class: exception whose text is made by a host object; expected: exception
raise ValueError(call.acknowledge, alarms, user)
