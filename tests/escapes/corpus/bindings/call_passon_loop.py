# class: passing on without end; expected: host-calls
for n in range(1000):
    call.passOn()
