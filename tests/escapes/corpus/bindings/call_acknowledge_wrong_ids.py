# class: acknowledging alarms by things that are no ids; expected: exception
call.acknowledge(alarms={"id": alarms[0].id})
