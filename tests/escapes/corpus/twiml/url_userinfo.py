# class: our own host as a user name; expected: refused twiml
response = '<Response><Redirect>https://alarms.example.com@evil.example/PWNED</Redirect></Response>'
