# class: host with a character that looks like a slash; expected: refused twiml
response = '<Response><Redirect>https://alarms.example.com／@evil.example/PWNED</Redirect></Response>'
