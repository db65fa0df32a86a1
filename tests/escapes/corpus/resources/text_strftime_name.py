# class: time zone with a name of megabytes, many times in one pattern; expected: killed by memory or exception
import datetime
zone = datetime.timezone(datetime.timedelta(0), "x" * 1000000)
response = datetime.datetime.now(zone).strftime("%Z" * 120)
