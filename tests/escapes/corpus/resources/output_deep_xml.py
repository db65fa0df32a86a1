# class: response nested five thousand tags deep; expected: refused twiml or harmless
response = "<Response>" + "<Gather>" * 3000 + "</Gather>" * 3000 + "</Response>"
