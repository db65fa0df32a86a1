# class: response and parameter that make the search for injections slow; expected: harmless or refused twiml
# turn: answer CallerName=&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&
response = "<Response><Say>" + "&amp;" * 12000 + "</Say></Response>"
