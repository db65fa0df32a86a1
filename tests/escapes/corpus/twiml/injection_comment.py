# class: a parameter that comments out the rest; expected: refused twiml
# turn: answer "CallerName=</Say><!--"
response = "<Response><Say>" + params["CallerName"] + "</Say><Hangup/></Response>"
