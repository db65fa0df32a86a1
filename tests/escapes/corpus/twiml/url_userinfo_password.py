# class: our own host and port as user name and password; expected: refused twiml
response = '<Response><Redirect>https://alarms.example.com:443@evil.example/PWNED</Redirect></Response>'
