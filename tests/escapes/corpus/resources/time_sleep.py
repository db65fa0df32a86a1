# class: sleeping; expected: exception
import time
time.sleep(10)
