# class: a parameter that leaves a CDATA section; expected: refused twiml
# turn: answer "CallerName=]]></Say><Redirect>/x</Redirect><Say><![CDATA["
response = "<Response><Say><![CDATA[" + params["CallerName"] + "]]></Say></Response>"
