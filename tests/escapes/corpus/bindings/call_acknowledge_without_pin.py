# class: acknowledging without a PIN where one is needed; expected: harmless
result = call.acknowledge()
response = "<Response><Say>PWNED</Say></Response>" if result.ok or result else ""
