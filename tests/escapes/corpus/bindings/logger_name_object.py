# class: a logger named by an object; expected: harmless
system.util.getLogger(call.acknowledge).info(call)
system.util.getLogger(lambda: 1).info(lambda: 1)
response = ""
