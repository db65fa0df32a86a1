# class: response of the wrong type; expected: output
response = (x for x in [1])
