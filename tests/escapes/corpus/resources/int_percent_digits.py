# class: quadratic writing of digits through %; expected: exception
response = "%d" % (1 << 60000)
