# class: moment beyond the end of time; expected: exception
import datetime
datetime.datetime.max + datetime.timedelta(days=999999999)
