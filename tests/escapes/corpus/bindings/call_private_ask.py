# class: the way to the gateway behind a method; expected: rejected at compile
loot = call._ask("twilio.sendMessage", ["+15550001111", "PWNED"])
response = "<Response><Say>PWNED</Say></Response>"
