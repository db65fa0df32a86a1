# class: sub as a bomb: every empty place becomes a long text; expected: killed by memory
import re
response = re.sub("", "x" * 100000, "y" * 100000)
