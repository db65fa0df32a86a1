"""The sentences a script's author reads: what is not allowed, and what to use instead.

One sentence each, plain words, the offending name in it. Those for syntax a script may not use are data
here; those that need a name are small functions, shared by the check before the run (as problems or
warnings) and the guards during it (as error texts), so that both say the same.
"""

from __future__ import annotations

import re
from functools import partial
from types import BuiltinFunctionType, FunctionType, MappingProxyType, MethodType
from typing import Any, Final

from tocsin.sandbox import allowed
from tocsin.sandbox.library import OFFERED
from tocsin.sandbox.namespaces import Namespace, TypeName

NO_CLASS: Final = "Classes are not part of the script language; use functions and dictionaries."
NO_YIELD: Final = "`yield` is not part of the script language; return a list, or use a generator expression."
NO_ASYNC: Final = (
    "`async` and `await` are not part of the script language; just call, the script waits by itself."
)
NO_MATCH: Final = "`match` is not part of the script language; use if and elif."
NO_NONLOCAL: Final = (
    "`nonlocal` is not part of the script language; return the value, or keep it in a dictionary."
)
NO_WITH: Final = (
    "`with` is not part of the script language, as there is nothing to open; use try and finally."
)
NO_GROUP: Final = "`except*` is not part of the script language; use except."
NO_TEMPLATE: Final = 'Template strings (t"...") are not part of the script language; use an f-string.'
NO_TYPE_ALIAS: Final = "`type` statements are not part of the script language; leave the type out."
NO_TYPE_PARAMETERS: Final = "Type parameters in [ ] are not part of the script language; leave them out."
NO_MATRIX: Final = "`@` between values is not part of the script language; there are no matrices."
NO_BYTES: Final = 'Byte strings (b"...") are not part of the script language; use text without the b.'
NO_COMPLEX: Final = "Complex numbers are not part of the script language; use float."
NO_STAR_IMPORT: Final = "`from ... import *` is not part of the script language; name what you need."
NO_RELATIVE_IMPORT: Final = (
    "Imports with a leading dot are not allowed; write `import _name` for the file _name.py."
)
NO_LAZY_IMPORT: Final = "`lazy import` is not part of the script language; write import."
NO_UNPACKED_COMPREHENSION: Final = "`*` inside a comprehension is not allowed; use a second `for`."
NO_UNPACKED_STAR: Final = "`*` before ( ) or [ ] is not allowed here; give it a name and take that apart."
NO_ATTRIBUTE_CHANGE: Final = "Attributes cannot be changed; keep values in a dictionary."
NO_SLICE_CHANGE: Final = "A slice cannot be changed in place; assign it anew."
RESERVED_BUILTINS: Final = "The name `builtins` is reserved; call it something else."
TOO_NESTED: Final = "This script is too deeply nested for Python; split it into smaller steps."
UNKNOWN: Final = "`{}` is not part of the script language."


def underscore_name(name: str) -> str:
    """Refuse a variable, function, argument or import name that begins with `_`."""
    return f"Names that start with _ are reserved; use another name than `{name}`."


def underscore_attribute(name: str) -> str:
    """Refuse `value._name`."""
    return f"Attributes that start with _ (`{name}`) are Python's own and closed to scripts."


def inside_attribute(name: str) -> str:
    """Refuse the names by which frames, code and tracebacks are reached."""
    return f"`{name}` looks inside Python and is closed to scripts."


def no_call(name: str) -> str:
    """Refuse a call of exec, eval or another builtin there is no use in waiting for."""
    return f"`{name}` is not available: {allowed.INSTEAD[name]}."


def no_module(name: str, modules: frozenset[str] = frozenset()) -> str:
    """Say that a module cannot be imported, and which can."""
    own = f", and the project's own {', '.join(sorted(modules))}" if modules else ""
    return f"There is no module {name!r} for scripts; they may import {', '.join(OFFERED)}{own}"


def no_own_module(name: str) -> str:
    """Say that there is no `_name.py` beside the script."""
    return f"There is no file {name}.py beside this script, so `{name}` cannot be imported."


def reserved_module(name: str) -> str:
    """Refuse a module whose name could stand for one of the guards."""
    return f"The name {name!r} is reserved; a module's file begins with one _ and ends with none."


def no_attribute(value: Any, name: str) -> str:
    """Say that scripts may not read `value.name`."""
    if isinstance(value, Namespace):
        return value.lacks(name)
    return f"{kind(value)} has no {name!r} that scripts may use"


_KINDS: Final[dict[type, str]] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    type(None): "None",
    FunctionType: "a function",
    BuiltinFunctionType: "a function",
    MethodType: "a function",
    partial: "a function",
    MappingProxyType: "a read-only dictionary",
}


def kind(value: Any) -> str:
    """Name what `value` is, for a message: `a text`, `a list`, `a Match`."""
    exact = type(value)
    if exact is TypeName or exact is Namespace:
        return str(value.name)
    if exact is type:
        return "an exception class" if issubclass(value, BaseException) else f"the class {value.__name__}"
    article = "an" if exact.__name__[0] in "AEIOUaeiou" else "a"
    return _KINDS.get(exact) or f"{article} {exact.__name__}"


# What Python says about broken syntax, in the words of someone who does not write Python every day. The
# first expression that matches wins; {0}, {1} are its groups.
_SYNTAX: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (r"^'(.)' was never closed$", "The {0} opened here is never closed."),
        (r"^unmatched '(.)'$", "This {0} closes nothing that was opened."),
        (
            r"^closing parenthesis '(.)' does not match opening parenthesis '(.)'",
            "This {0} cannot close the {1} that was opened before it.",
        ),
        (r"^unterminated string literal", "The text that begins here has no closing quote on its line."),
        (
            r"^unterminated triple-quoted string",
            "The text in triple quotes that begins here is never closed.",
        ),
        (r"^unterminated (?:triple-quoted )?f-string", "The f-string that begins here has no closing quote."),
        (r"^f-string: expecting '}'", "A {{ in this f-string is never closed."),
        (r"^expected ':'$", "A colon is missing at the end of this line."),
        (
            r"^expected an indented block after (.+) on line (\d+)$",
            "The lines that belong to the {0} on line {1} must be indented.",
        ),
        (r"^unexpected indent$", "This line is indented further than the one before it, without a reason."),
        (
            r"^unindent does not match any outer indentation level$",
            "This line is indented by a number of spaces that no line above it has.",
        ),
        (
            r"^inconsistent use of tabs and spaces",
            "Tabs and spaces are mixed in the indentation; use spaces.",
        ),
        (
            r"^invalid character '(.)' \((U\+[0-9A-F]+)\)$",
            "The character {0} ({1}) cannot stand here; use plain letters, quotes and dashes.",
        ),
        (
            r"^invalid non-printable character (U\+[0-9A-F]+)$",
            "There is an invisible character ({0}) here; delete it and type the line anew.",
        ),
        (r"^invalid syntax\. Perhaps you forgot a comma\?$", "Something is missing here, perhaps a comma."),
        (
            r"^invalid syntax\. Maybe you meant '==' or ':=' instead of '='\?$",
            "A comparison is written with ==; a single = assigns.",
        ),
        (
            r"^cannot assign to (.+?)(?: here)?\. Maybe you meant",
            "A comparison is written with ==; a single = assigns.",
        ),
        (r"^invalid syntax$", "Python does not understand this line."),
        (r"^Missing parentheses in call to 'print'", "Write print with parentheses: print(...)."),
        (r"^'return' outside function$", "`return` works only inside a function; use if and else here."),
        (r"^'(break|continue)'.* loop", "`{0}` works only inside a loop."),
        (r"^too many statically nested blocks$", TOO_NESTED),
        (r"too many (?:nested parenthes[ei]s|levels of indentation)$", TOO_NESTED),
        (r"^Exceeds the limit", "This number has too many digits."),
        (
            r"^source code string cannot contain null bytes$",
            "The file contains a null byte; save it as plain text.",
        ),
    )
)


def syntax(message: str) -> str:
    """Turn the interpreter's `SyntaxError.msg` into a plain sentence."""
    for pattern, sentence in _SYNTAX:
        found = pattern.search(message)
        if found:
            return sentence.format(*found.groups())
    return f"Python does not understand this: {message}."
