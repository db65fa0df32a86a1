# class: dunder split by line continuations; expected: rejected at compile
loot = call\
    .\
    __class__
response = "<Response><Say>PWNED</Say></Response>"
