# class: a parameter named like a keyword or an expression; expected: harmless
# turn: answer class=PWNED None=PWNED "a b=PWNED" 0=PWNED "x;y=PWNED" é=1
response = "" if len(params) > 7 else "<Response><Say>PWNED</Say></Response>"
