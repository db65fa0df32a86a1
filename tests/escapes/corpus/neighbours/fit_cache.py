# class: thousands of parameter names; expected: harmless
response = ""
