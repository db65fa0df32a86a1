# class: the moment of an alarm beyond the end of time; expected: exception
import datetime
at = alarms[0].activeAt + datetime.timedelta(days=10 ** 9)
