# class: our own host on another port; expected: refused twiml
response = '<Response><Redirect>https://alarms.example.com:8443/PWNED</Redirect></Response>'
