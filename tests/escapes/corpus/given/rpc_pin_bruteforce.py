# class: PIN brute force in one call; expected: host-calls
for i in range(10000):
    if call.acknowledge(str(i + 10000)[1:]):
        response = "PWNED-pin"
        break
