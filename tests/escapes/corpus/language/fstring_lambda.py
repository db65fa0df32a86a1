# class: lambda inside an f-string with a dunder inside; expected: rejected at compile
response = f"<Response><Say>PWNED {(lambda x: x.__class__)(call)}</Say></Response>"
