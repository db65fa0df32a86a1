# class: host with a full-width dot; expected: refused twiml
response = '<Response><Redirect>https://alarms.example.com．evil.example/PWNED</Redirect></Response>'
