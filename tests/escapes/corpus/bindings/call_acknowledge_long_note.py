# class: a note of megabytes; expected: exception
call.acknowledge(note="x" * 1000000)
