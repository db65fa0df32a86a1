# class: a note of megabytes; expected: harmless
call.acknowledge(note="x" * 1000000)
