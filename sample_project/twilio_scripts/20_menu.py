# A key of our own in the menu: 6 tells the details of the alarm that was read last.
#
# The keys 1 to 5 and 9 stay the default script's, because this script answers for 6 alone. The default
# remembers in `session` which alarm it read last, and which question it asked.

import _plant

if callAction == "menu" and Digits == "6" and session.get("expects") in ("alarm", "menu"):
    for alarm in alarms:
        if alarm.id == session.get("alarm"):
            sentences = [f"{alarm.label}, active since {alarm.activeAt.strftime('%H:%M')}."]
            if _plant.measured(alarm):
                sentences.append(f"The last value is {_plant.measured(alarm)}.")
            sentences.append(alarm.notes or "There is no note.")
            sentences.append("Press 1 to acknowledge, 6 to hear this again, 9 to end.")

            session["expects"] = "menu"
            turn = VoiceResponse()
            gather = turn.gather(input="dtmf", num_digits=1, timeout=8, action=call.url("menu"))
            _plant.say(gather, call, " ".join(sentences))
            turn.redirect(call.url("menu"))
            response = turn
