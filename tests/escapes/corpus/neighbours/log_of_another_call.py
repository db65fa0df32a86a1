# class: log lines under another call's name; expected: harmless
system.util.getLogger("good").error("attack.py:1: all is lost")
print("\r\n[error] call=neighbour script-failed")
response = ""
