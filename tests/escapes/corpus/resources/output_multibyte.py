# class: response that is short in characters and long in bytes; expected: output
response = "<Response><Say>" + "€" * 60000 + "</Say></Response>"
