# class: hooks of the interpreter; expected: exception
import warnings
warnings.simplefilter("error")
