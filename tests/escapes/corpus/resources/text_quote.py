# class: quote of a text that grows; expected: exception
import urllib.parse
response = urllib.parse.quote("ü" * 1000000)
