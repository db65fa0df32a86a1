# class: unguarded: a host call past the vocabulary: SQL for a username; expected: exception or harmless
result = ask("user.getUser", ["maria' OR 1=1 --"])
response = "<Response><Say>PWNED</Say></Response>" if result else ""
