# class: the library's cache of safe characters, filled with one large text in a list; expected: exception
import urllib.parse
for n in range(55):
    urllib.parse.quote("ä b", safe=["x" * 1000000 + str(n)])
response = ""
