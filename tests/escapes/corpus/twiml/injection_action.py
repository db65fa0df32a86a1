# class: markup in the name of the action; expected: refused twiml or harmless
# turn: %3C%2FSay%3E%3CHangup%2F%3E%3CSay%3E
response = "<Response><Say>" + callAction + "</Say></Response>"
