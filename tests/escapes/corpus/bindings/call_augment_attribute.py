# class: counting up the turn; expected: rejected at compile
call.attempt += 1
response = "<Response><Say>PWNED</Say></Response>"
