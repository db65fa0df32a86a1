# class: a whole webhook in the address of a sound; expected: refused twiml
params = "AccountSid=AC5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e&amp;CallSid=CA1&amp;From=%2B46707654321&amp;Digits=1"
response = f"<Response><Play>/main/system/twilio-voice/ack/0?{params}</Play></Response>"
