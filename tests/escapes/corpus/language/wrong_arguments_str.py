# class: str called with an encoding tells nothing of its inside; expected: exception
str("a", "utf-8", "strict")
