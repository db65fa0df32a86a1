# class: assignment expression in a comprehension rebinds a guard outside of it; expected: rejected at compile
x = [(_getiter_ := y) for y in [len]]
response = "<Response><Say>PWNED</Say></Response>"
