# class: acknowledging an alarm whose id has megabytes; expected: exception
call.acknowledge(alarms=["x" * 1000000])
