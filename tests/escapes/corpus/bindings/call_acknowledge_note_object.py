# class: a note that is an object shows no address; expected: harmless
result = call.acknowledge(note=lambda: 1)
response = ""
