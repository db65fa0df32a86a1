# class: a session bound anew must be one that can be kept; expected: output
session = {"x": lambda: "PWNED"}
