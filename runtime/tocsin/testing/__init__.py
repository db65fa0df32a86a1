"""The public test kit: conversations over telephones, as plain pytest tests, without an account or a wait.

    pytest_plugins = ["tocsin.testing"]              # in conftest.py; `tocsin test` needs not even that

    def test_the_pump_is_acknowledged(plant, phone):
        alarm = plant.raises("Plant/Pump 2/High level", value=93)
        plant.calls("maria").answers().hears("Pump 2").presses("1").hears("your PIN").presses("4711#")
        phone("maria").hears("Acknowledged").is_hung_up()
        assert alarm.is_acknowledged(by="maria")

A test has a gateway with the project's scripts, people and alarms, an emulated Twilio that asks it by
signed webhooks, and a clock that moves only with the steps of the story. Whatever the story does not
expect fails it: a call, an SMS, a script that fails. Nothing real can be reached: see `harmless`.

`plant` is a `plant.Plant`, `phone(number or username)` gives a `phone.Phone`, `plant.raises` an
`alarm.Alarm`. This package is a pytest plugin and imports pytest; nothing else of tocsin does.
"""

from tocsin.testing.plugin import (
    phone,
    plant,
    project,
    pytest_pyfunc_call,
    pytest_runtest_makereport,
    tocsin_stand,
)

__all__ = [
    "phone",
    "plant",
    "project",
    "pytest_pyfunc_call",
    "pytest_runtest_makereport",
    "tocsin_stand",
]
