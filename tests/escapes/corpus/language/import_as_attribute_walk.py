# class: attribute of a module by getattr with default; expected: harmless
import json, math, re, html, urllib.parse, random, datetime, time
names = ["codecs", "__loader__", "__spec__", "decoder", "sys", "_os", "enum", "sre_compile", "builtins"]
found = [n for n in names for m in (json, math, re, html, urllib, urllib.parse, random, datetime, time) if hasattr(m, n)]
response = "<Response><Say>PWNED</Say></Response>" if found else ""
