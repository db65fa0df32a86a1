# A menu as plants write it: three branches, one answer of about 280 bytes.
if Digits == "1":
    said = "Pump 1 is running at 42 percent, and the well is at 2.31 metres, falling."
elif Digits == "2":
    said = "Pump 2 is stopped for service, and the well is at 2.31 metres and rising."
else:
    said = f"Hello {From[-4:]}, key {Digits} has no meaning in this menu. Press 1 or press 2."
response = (
    '<Response><Gather input="dtmf" numDigits="1" timeout="8" action="/main/system/twilio-voice/menu/0">'
    f'<Say language="en-US">{said}</Say></Gather><Say>No key was pressed. Goodbye.</Say><Hangup/></Response>'
)
