# class: endless loop inside the interpreter, without a step of script; expected: killed by memory or killed by cpu
x = [1]
any(map(x.append, x))
