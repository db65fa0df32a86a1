# class: TwiML redirect to a foreign host; expected: refused twiml
response = "<Response><Redirect>https://evil.example/x</Redirect></Response>"
