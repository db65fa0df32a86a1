# class: response that is not XML; expected: refused twiml
response = "<Response><Say>unclosed"
