# class: our own host as the beginning of another; expected: refused twiml
response = '<Response><Redirect>https://alarms.example.com.evil.example/PWNED</Redirect></Response>'
