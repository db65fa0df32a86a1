# class: class pattern that reads attributes natively; expected: rejected at compile
match call:
    case object(_ask=loot):
        response = "<Response><Say>PWNED</Say></Response>"
