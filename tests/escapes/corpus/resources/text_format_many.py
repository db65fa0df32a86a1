# class: format with a million fields; expected: killed by memory or killed by cpu or exception
response = ("{0}" * 300000).format("x" * 1000)
