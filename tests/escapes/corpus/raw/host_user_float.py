# class: unguarded: a host call past the vocabulary: user float; expected: exception
result = ask("twilio.getUser", [1.5])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
