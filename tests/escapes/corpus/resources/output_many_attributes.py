# class: element with thousands of attributes; expected: refused twiml or harmless
response = "<Response><Say " + " ".join(f'a{n}="x"' for n in range(5000)) + ">x</Say></Response>"
