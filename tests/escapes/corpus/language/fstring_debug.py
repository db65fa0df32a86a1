# class: f-string debug form shows a private attribute; expected: rejected at compile
response = f"<Response><Say>PWNED {call._ask=}</Say></Response>"
