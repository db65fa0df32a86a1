# class: except* hands out an ExceptionGroup; expected: rejected at compile
try:
    raise ValueError("x")
except* ValueError as group:
    response = "<Response><Say>PWNED</Say></Response>"
