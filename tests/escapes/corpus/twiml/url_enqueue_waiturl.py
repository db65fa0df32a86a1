# class: waitUrl of Enqueue to a foreign host; expected: refused twiml
response = '<Response><Enqueue waitUrl="https://evil.example.com/PWNED">x</Enqueue></Response>'
