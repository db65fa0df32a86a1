# class: PIN that was spoken with blanks; expected: harmless
# turn: pin "SpeechResult=8 2 6 4"
print(SpeechResult.replace(" ", ""))
response = ""
