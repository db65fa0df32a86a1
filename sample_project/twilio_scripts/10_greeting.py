# Names the pump and speaks its level, before anything else is said.
#
# Every script here runs for every call action, in the order of the file names. One that leaves `response`
# empty has no say; if all of them do, the default script answers. So this one looks whether one before it has
# answered, whether the call was answered just now and is about a machine, and leaves everything else alone.

import _plant

# With a PIN needed to hear, nothing about the plant may be said yet.
if not response and callAction == "answer" and alarms and user is not None and call.pin != "to-hear":
    worst = alarms[0]
    machine = _plant.equipment(worst)

    if machine:
        hello = _plant.greeting(worst.activeAt)
        text = f"{hello}, {user.name}. This is {call.site}. {machine} needs you"
        level = _plant.measured(worst)
        text += f": it reports {level}." if level else "."
        if len(alarms) > 1:
            text += f" {len(alarms)} alarms are open."
        text += " While an alarm is read, press 8 for its details."

        turn = VoiceResponse()
        turn.pause(length=1)
        # Said inside a Gather, so that a key cuts it short. The turn after it is the default's menu, which
        # reads the alarms.
        gather = turn.gather(input="dtmf", num_digits=1, timeout=1, action=call.url("menu"))
        _plant.say(gather, call, text)
        turn.redirect(call.url("menu"))
        response = turn
