# class: host as a number; expected: refused twiml
response = '<Response><Redirect>https://2130706433/PWNED</Redirect></Response>'
