# class: join over a generator expression that is long; expected: killed by memory or killed by cpu or exception
response = "x".join("y" * 1000 for n in range(100000))
