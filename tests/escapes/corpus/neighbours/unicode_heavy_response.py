# class: response that costs the gateway's own checks; expected: refused twiml or harmless
response = "<Response>" + "<Say a='&amp;&#x41;'>&lt;é</Say>" * 1500 + "</Response>"
