# What the scripts of this plant have in common. A file whose name begins with _ is not run for calls;
# the others import it: `import _plant`.


def equipment(alarm):
    """The machine an alarm is about, such as "Pump 2", or "" where it is about none."""
    return alarm.data.get("equipment", "")


def measured(alarm):
    """The alarm's value with its unit, such as "93 percent", or "" where it has none."""
    if alarm.value is None or alarm.value == "":
        return ""
    value = alarm.value
    if isinstance(value, float):
        value = round(value, 1)
        if value.is_integer():
            value = int(value)
    return f"{value} {alarm.data.get('unit', '')}".strip()


def greeting(moment):
    """How one greets somebody then; at three in the morning it is still "Good evening"."""
    if 5 <= moment.hour < 12:
        return "Good morning"
    return "Good afternoon" if 12 <= moment.hour < 18 else "Good evening"


def is_dark(moment):
    """Whether one needs a lamp on the way to the pump house."""
    return moment.hour >= 21 or moment.hour < 6


def say(where, call, text):
    """Speak with the voice and language that this call has."""
    where.say(text, voice=call.voice or None, language=call.language)
