# class: PIN in a document that is no JSON; expected: exception
# turn: pin Digits=8264
import json
json.loads("{" + Digits)
