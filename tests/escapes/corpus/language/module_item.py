# class: module indexed like a dictionary; expected: exception
import math
loot = math["members"]
response = "<Response><Say>PWNED</Say></Response>"
