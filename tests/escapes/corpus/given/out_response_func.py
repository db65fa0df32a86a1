# class: response of the wrong type; expected: output
response = call.acknowledge
