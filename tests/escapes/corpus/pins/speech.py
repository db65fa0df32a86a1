# class: PIN that was spoken; expected: harmless
# turn: pin SpeechResult=8264
print(SpeechResult, params["SpeechResult"])
session["s"] = SpeechResult
response = f"<Response><Say>{SpeechResult}</Say></Response>"
