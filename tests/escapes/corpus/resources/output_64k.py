# class: response larger than Twilio takes; expected: output
response = "<Response><Say>" + "x" * 70000 + "</Say></Response>"
