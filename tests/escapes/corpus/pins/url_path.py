# class: PIN in the path of a URL; expected: refused twiml
# turn: pin Digits=8264
response = f"<Response><Redirect>/main/system/twilio-voice/{Digits}/0</Redirect></Response>"
