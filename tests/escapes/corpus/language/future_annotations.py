# class: from __future__ import with another feature than annotations; expected: rejected at compile
from __future__ import barry_as_FLUFL
response = "<Response><Say>PWNED</Say></Response>"
