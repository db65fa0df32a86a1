# class: a datetime made from the text of its memory; expected: exception
import datetime
d = datetime.datetime("\x07\xe4\x01\xff\xff\xff\xff\x00\x00\x00")
shown = d.isoformat() + d.ctime() + str(d.toordinal()) + d.strftime("%A %B %d %j")
response = ""
