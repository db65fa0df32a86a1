# Our own words after an acknowledgement; everything before that stays as it is.
#
# `ack` is the turn after the key, `pin` the one after the PIN. `call.acknowledge` asked twice in one turn
# is done once: where this script has nothing to say (a wrong PIN, somebody else was quicker, more people are
# needed, an alarm is not as it was told), it leaves `response` empty, and the default asks again, gets the
# same result, and says what is to be said. So it does with the question for a note that a rule wants.
#
# `not response`: where a script before this one has answered the turn, nothing is acknowledged here.

import _plant

wanted = session.get("wanted") or []
note = session.get("note") or ""
needs_note = not note and any([alarm.noteRequired for alarm in alarms if alarm.id in wanted])
is_pin = callAction == "pin" and session.get("pin_for") == "ack"

if not response and not needs_note and (callAction == "ack" or (is_pin and Digits)):
    entered = Digits.split("*")[-1] if is_pin else None
    result = call.acknowledge(pin=entered, alarms=session.get("wanted"), note=note)
    done = [alarm for alarm in alarms if alarm.id in result.alarms]
    left = [alarm for alarm in alarms if "Unacknowledged" in alarm.state and alarm not in done]

    if result.ok and not result.changed and not result.moreNeeded and not left:
        machines = [_plant.equipment(alarm) for alarm in done if _plant.equipment(alarm)]
        text = f"Acknowledged. Thank you, {user.name.split()[0]}." if user else "Acknowledged. Thank you."
        if machines:
            text += f" The key to {machines[0]} is in the box at the gate."
        if done and _plant.is_dark(done[0].activeAt):
            text += " It is dark out there: tell the control room before you go."

        turn = VoiceResponse()
        _plant.say(turn, call, text + " " + phrase("goodbye"))
        turn.hangup()
        response = turn
        print(f"{len(done)} acknowledged")
