# A key of the menu in our own words: 8 tells the details of the alarm that was read last.
#
# It takes the place of the default script's 8, which tells them too. All other keys stay the default's,
# because this script answers for 8 alone; the ones it names are those of `digits = "ignition"`. The default
# remembers in `session` which alarm it read last, and which question it asked.

import _plant

is_key = callAction == "menu" and Digits == "8" and session.get("expects") in ("alarm", "menu")

if not response and is_key:
    for alarm in alarms:
        if alarm.id == session.get("alarm"):
            sentences = [f"{alarm.label}, active since {alarm.activeAt.strftime('%H:%M')}."]
            if _plant.measured(alarm):
                sentences.append(f"The last value is {_plant.measured(alarm)}.")
            sentences.append(alarm.notes or "There is no note.")
            sentences.append("Press 1 to acknowledge, 8 to hear this again, 9 to end.")

            session["expects"] = "menu"
            turn = VoiceResponse()
            gather = turn.gather(input="dtmf", num_digits=1, timeout=8, action=call.url("menu"))
            _plant.say(gather, call, " ".join(sentences))
            turn.redirect(call.url("menu"))
            response = turn
