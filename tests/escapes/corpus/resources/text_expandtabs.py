# class: expandtabs as a bomb; expected: exception
response = ("\t" * 1000).expandtabs(10 ** 9)
