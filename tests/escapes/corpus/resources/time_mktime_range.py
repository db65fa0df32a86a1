# class: moments outside of any calendar; expected: harmless
import time
time.mktime((10 ** 9, 1, 1, 0, 0, 0, 0, 0, 0))
