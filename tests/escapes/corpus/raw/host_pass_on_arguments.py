# class: unguarded: a host call past the vocabulary: pass on arguments; expected: exception or harmless
result = ask("call.passOn", [1, 2, 3])
response = ""
