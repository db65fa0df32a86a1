# class: module doc string read as a name; expected: rejected at compile
"PWNED"
response = "<Response><Say>" + __doc__ + "</Say></Response>"
