# class: text multiplied by many %s; expected: exception or killed by memory
x = "y" * 100000
response = ("%s" * 1000) % ((x,) * 1000)
