# class: PIN in the query of a URL; expected: refused twiml
# turn: pin Digits=8264
response = f"<Response><Redirect>/main/system/twilio-voice/ack/0?pin={Digits}</Redirect></Response>"
