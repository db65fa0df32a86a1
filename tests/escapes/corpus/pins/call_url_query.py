# class: PIN in the query of call.url; expected: exception
# turn: pin Digits=8264
response = "<Response><Redirect>" + call.url("ack", pin=Digits) + "</Redirect></Response>"
