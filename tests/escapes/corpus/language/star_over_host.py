# class: * over a host object; expected: exception
print(*call)
response = "<Response><Say>PWNED</Say></Response>"
