# class: frame of a generator expression in flight; expected: rejected at compile
g = (g.gi_frame for x in [1])
response = "<Response><Say>PWNED</Say></Response>"
