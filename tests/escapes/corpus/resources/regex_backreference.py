# class: catastrophic regular expression with back references; expected: killed by cpu
import re
re.match(r"(.*)(.*)(.*)(.*)(.*)(.*)\1\2\3\4\5\6x", "ab" * 200)
