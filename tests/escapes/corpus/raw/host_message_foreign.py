# class: unguarded: a host call past the vocabulary: message foreign; expected: exception
result = ask("twilio.sendMessage", ["+15550001111", "x"])
response = "" if (result or {}).get("reason") != "ok" else "<Response><Say>PWNED</Say></Response>"
