# Our own words after an acknowledgement; everything before that stays as it is.
#
# `ack` is the turn after the key, `pin` the one after the PIN. `call.acknowledge` asked twice in one turn
# is done once: where this script has nothing to say (a wrong PIN, somebody else was quicker), it leaves
# `response` empty, and the default asks again, gets the same result, and says what is to be said.

import _plant

if callAction == "ack" or (callAction == "pin" and session.get("pin_for") == "ack"):
    wanted = session.get("wanted")
    entered = Digits.split("*")[-1] if callAction == "pin" else None

    if callAction == "ack" or entered:
        result = call.acknowledge(pin=entered, alarms=wanted)
        open_still = [
            alarm for alarm in alarms if "Unacknowledged" in alarm.state and alarm.id not in (wanted or [])
        ]

        if result.ok and not open_still:
            done = [alarm for alarm in alarms if alarm.id in (wanted or [])]
            machines = [_plant.equipment(alarm) for alarm in done if _plant.equipment(alarm)]
            text = f"Acknowledged. Thank you, {user.name.split()[0]}." if user else "Acknowledged. Thank you."
            if machines:
                text += f" The key to {machines[0]} is in the box at the gate."
            if done and _plant.is_dark(done[0].activeAt):
                text += " It is dark out there: tell the control room before you go."

            turn = VoiceResponse()
            _plant.say(turn, call, text + " Goodbye.")
            turn.hangup()
            response = turn
            print(f"{len(done)} acknowledged")
