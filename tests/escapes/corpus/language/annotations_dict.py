# class: __annotations__ as a way to the module namespace; expected: rejected at compile
x: int = 1
__annotations__["y"] = len
response = "<Response><Say>PWNED</Say></Response>"
