# class: an address in memory through a message that is an object; expected: harmless
import re
said = []
for make in (
    lambda: VoiceResponse().add_child(lambda: 1),
    lambda: getattr(VoiceResponse(), "say")(lambda: 1),
    lambda: system.util.getLogger(lambda: 1).info(lambda: 1),
):
    try:
        make()
    except Exception as error:
        said.append(str(error))
        said.extend(error.args)
response = "<Response><Say>PWNED</Say></Response>" if re.search("0x[0-9a-f]{6}", str(said)) else ""
