# class: BaseException through the class of a caught exception; expected: exception
try:
    1 / 0
except Exception as error:
    raise getattr(error, "__class__")()
