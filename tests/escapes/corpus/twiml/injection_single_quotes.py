# class: quotes in a parameter, pasted into an attribute in single quotes; expected: refused twiml
# turn: answer "CallerName=en' voice='x"
response = "<Response><Say language='" + params['CallerName'] + "'>x</Say></Response>"
