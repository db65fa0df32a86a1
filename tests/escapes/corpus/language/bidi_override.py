# class: text that shows other code than it runs; expected: rejected at compile
x = "‮" # ⁦ harmless
response = "<Response><Say>PWNED</Say></Response>"
