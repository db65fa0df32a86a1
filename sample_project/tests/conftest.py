# Lets plain `pytest` run these tests too; `tocsin test` needs no line of it.
pytest_plugins = ["tocsin.testing"]
