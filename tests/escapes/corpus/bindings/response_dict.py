# class: a response that is the session; expected: output
response = session
