# class: a moment whose time zone is an object of the script's; expected: exception
import datetime
datetime.datetime.now().replace(tzinfo=call)
