# class: PIN as the name of an action; expected: harmless
# turn: pin Digits=8264
response = "<Response><Say>" + callAction + "</Say></Response>"
