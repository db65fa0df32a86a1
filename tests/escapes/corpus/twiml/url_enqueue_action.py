# class: action of Enqueue to a foreign host; expected: refused twiml
response = '<Response><Enqueue action="https://evil.example.com/PWNED">x</Enqueue></Response>'
