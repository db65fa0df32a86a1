# class: source encoding that hides code; expected: exception
# -*- coding: utf-7 -*-
x = "+AAo-import os"
response = "<Response><Say>PWNED " + open + "</Say></Response>"
