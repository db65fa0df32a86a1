# class: acknowledging a hundred thousand made-up alarms; expected: exception
call.acknowledge(alarms=["x" * 30] * 100000)
