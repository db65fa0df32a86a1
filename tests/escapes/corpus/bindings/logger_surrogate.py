# class: half a character in a logger's name; expected: harmless
system.util.getLogger("\ud800").error("\udfff")
response = ""
