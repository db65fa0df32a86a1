# class: markup in two parameters, each half of it; expected: refused twiml
# turn: answer "FromCity=</Say><Redirect>/x" "ToCity=</Redirect><Say>"
response = "<Response><Say>" + params["FromCity"] + "x" + params["ToCity"] + "</Say></Response>"
