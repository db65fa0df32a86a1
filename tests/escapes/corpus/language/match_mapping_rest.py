# class: mapping pattern with a rest that takes a guard's name; expected: rejected at compile
match {"a": 1}:
    case {**_getattr_}:
        response = "<Response><Say>PWNED</Say></Response>"
