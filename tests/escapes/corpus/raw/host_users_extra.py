# class: unguarded: a host call past the vocabulary: arguments where there are none; expected: exception
result = ask("user.getUsers", ["pin"])
response = "<Response><Say>PWNED</Say></Response>" if "pin" in str(result) else ""
