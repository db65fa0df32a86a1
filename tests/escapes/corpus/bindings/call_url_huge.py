# class: URL of megabytes; expected: output or exception or refused twiml
response = "<Response><Redirect>" + call.url("x" * 1000000) + "</Redirect></Response>"
