# class: unguarded: a host call past the vocabulary: message objects; expected: exception
result = ask("twilio.sendMessage", [{}, []])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
