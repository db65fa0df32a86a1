# class: markup in a parameter, pasted into an attribute; expected: refused twiml
# turn: answer "CallerName=\x22/><Redirect>/x</Redirect><Gather a=\x22"
response = "<Response><Gather action=\"/x?name=" + params["CallerName"] + "\"/></Response>"
