# class: print with a separator that is an object; expected: exception
print("a", "b", sep=call)
response = "<Response><Say>PWNED</Say></Response>"
