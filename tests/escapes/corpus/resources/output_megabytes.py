# class: response of megabytes; expected: output
response = "<Response>" + "x" * 1000000
