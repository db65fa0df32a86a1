# class: markup changed by the script before it is pasted, to a foreign number; expected: refused twiml
# turn: answer "CallerName=</sAY><dIAL>+15550001111</dIAL><sAY>"
response = "<Response><Say>" + params["CallerName"].swapcase() + "</Say></Response>"
