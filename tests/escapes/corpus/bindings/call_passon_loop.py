# class: passing on without end; expected: host-calls or harmless
for n in range(1000):
    call.passOn()
