# class: an address from a parameter; expected: refused twiml
# turn: answer "CallerName=https://evil.example.com/PWNED"
response = "<Response><Redirect>" + params["CallerName"] + "</Redirect></Response>"
