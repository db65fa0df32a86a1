# class: a session bound anew must be one that can be kept; expected: output or harmless
session = {"x": lambda: "PWNED"}
