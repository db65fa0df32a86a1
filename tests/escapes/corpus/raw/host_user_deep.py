# class: unguarded: a host call past the vocabulary: user deep; expected: exception
result = ask("twilio.getUser", [[[[[[1]]]]]])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
