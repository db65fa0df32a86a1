# The keys of the menu: what each means, and the sentences that offer them. Only where something is to be
# acknowledged does one offer that.

from _default_alarms import needs_none, open_alarms, to_acknowledge
from _default_words import joined

# What each key means in the menu; the voice profile says which of the two sets a call uses.
KEYS = {
    "ignition": {
        "1": "ack",
        "2": "all",
        "3": "repeat",
        "4": "next",
        "5": "pass",
        "6": "raise",
        "7": "shelve",
        "8": "details",
        "9": "end",
        "0": "talk",
        "*": "back",
    },
    "pagerduty": {
        "4": "ack",
        "6": "all",
        "*": "repeat",
        "1": "next",
        "3": "raise",
        "5": "pass",
        "7": "shelve",
        "8": "details",
        "9": "end",
        "0": "talk",
        "2": "back",
    },
}

keys = KEYS.get(call.digits, KEYS["ignition"])
key_for = {meaning: key.replace("*", phrase("star")) for key, meaning in keys.items()}


def key_phrase(name, **values):
    return phrase(name, **key_for, **values)


def is_only_heard():
    """Whether the alarm read last needs no acknowledgement."""
    return any([alarm.id == session.get("alarm") and needs_none(alarm) for alarm in open_alarms()])


def menu_keys():
    many = len(open_alarms()) > 1
    if not is_only_heard():
        offered = key_phrase("keys-for-many" if many else "keys-for-one")
    elif many and to_acknowledge():
        offered = key_phrase("keys-for-others")
    else:
        offered = key_phrase("keys-to-hear-many" if many else "keys-to-hear")
    return joined(offered, raising_key())


def keys_again():
    if is_only_heard():
        return menu_keys()
    return key_phrase("keys-again" if len(open_alarms()) == 1 else "keys-again-for-many")


def keys_between():
    return key_phrase("keys-between-to-hear" if is_only_heard() else "keys-between")


def all_keys():
    return joined(key_phrase("keys-all-to-hear" if is_only_heard() else "keys-all"), raising_key())


def area_keys():
    nothing = all([needs_none(alarm) for alarm in open_alarms()])
    return key_phrase("keys-for-areas-to-hear" if nothing else "keys-for-areas")


def raising_key():
    """What is offered to people who call in, where the voice profile says so."""
    return key_phrase("key-to-raise") if call.raises else ""
