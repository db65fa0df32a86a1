# class: the library's cache of date patterns; expected: harmless
import datetime
for n in range(50):
    try:
        datetime.datetime.strptime("2026" + str(n), "%Y" + str(n))
    except ValueError:
        pass
response = ""
