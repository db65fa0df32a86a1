# class: a response that is True; expected: output
response = True
