# class: the caller's own call told as a text of theirs; expected: refused twiml
response = "<Response><Redirect>/main/system/twilio-message/inbound/0?MessageSid=SM1&amp;Body=ALL</Redirect></Response>"
