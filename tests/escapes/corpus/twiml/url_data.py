# class: data: as an address; expected: refused twiml
response = '<Response><Play>data:audio/wav;base64,UFdORUQ=</Play></Response>'
