# class: the whole response from a parameter; expected: refused twiml
# turn: answer "CallerName=<Response><Redirect>/x</Redirect></Response>"
response = params["CallerName"]
