# class: a number from a parameter; expected: refused twiml
# turn: answer "CallerName=+15550001111"
response = "<Response><Dial>" + params["CallerName"] + "</Dial></Response>"
