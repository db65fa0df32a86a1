# class: a parameter escaped by its sender; expected: harmless
# turn: answer "CallerName=&lt;Dial&gt;x&lt;/Dial&gt;"
response = "<Response><Say>" + params["CallerName"] + "</Say></Response>"
