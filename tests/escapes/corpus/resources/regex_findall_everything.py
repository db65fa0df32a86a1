# class: findall that gives a million matches, many times over; expected: killed by memory or killed by cpu
import re
kept = []
while True:
    kept.append(re.findall("", "x" * 500000))
