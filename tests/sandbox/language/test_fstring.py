"""Text from values: f-strings, str, `%` and str.format, with limits on how wide and no way inside."""

import datetime

import pytest

AT = datetime.datetime(2026, 11, 22, 3, 4, tzinfo=datetime.UTC)
WIDE = "ValueError: a format may ask for a width or precision of up to 999"


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("f\"Pump {2} is {'high'!r:>8}\"", "Pump 2 is   'high'"),
        ('f"{3.14159:.2f} {7:03d} {0.5:.0%}"', "3.14 007 50%"),
        ('f"{2:{3}}|{1+1=}"', "  2|1+1=2"),
        ('f"{at:%H:%M, %d.%m. 2026}"', "03:04, 22.11. 2026"),
        ("f\"{None} {True} {[1, 'a']} {{}}\"", "None True [1, 'a'] {}"),
        ('"%s is %05.1f%% of %d" % ("a", 2.5, 3)', "a is 002.5% of 3"),
        ('"%(n)s" % {"n": 1}', "1"),
        ('"{} {0}".replace("{} ", "").format("x")', "x"),
        ('"{a[k]:>3} {b!r} {}".format(1, a={"k": 2}, b="c")', "  2 'c' 1"),
        ('"{x}-{y:02d}".format_map({"x": 1, "y": 2})', "1-02"),
        ('"{0.language}".format(call)', "en-US"),
        ('str(1) + repr("a") + format(2, "03d") + ascii("å")', "1'a'002'\\xe5'"),
    ],
)
def test_text_is_made_as_python_makes_it(value, expression, text):
    """For everything a call script says."""
    assert value(expression, at=AT) == text


@pytest.mark.parametrize(
    "expression",
    [
        'f"{1.0:.2000000000f}"',
        'f"{1:1000}"',
        'f"{1:{10 ** 9}}"',
        'f"{1:\u0661\u0660\u0660\u0660}"',
        '"%1000000000d" % 1',
        '"%*d" % (10 ** 9, 1)',
        '"%.*f" % (10 ** 9, 1.0)',
        '"%% %((a))1000000s" % {"(a)": 1}',
        '"{:1000000000}".format(1)',
        '"{:{}}".format(1, 10 ** 9)',
        'format(1, "9999")',
    ],
)
def test_widths_are_limited(error, expression):
    """A billion characters are one instruction to the interpreter, and no timer ends it."""
    assert error(f"x = {expression}") == WIDE


def test_date_patterns_are_limited(error):
    """The C library pads as far as it is asked to."""
    limit = "ValueError: a date format has up to 256 characters and widths up to 999"
    assert error("x = at.strftime('%9999Y')", at=AT) == limit
    assert error("x = f'{at:%-9999d}'", at=AT) == limit


@pytest.mark.parametrize(
    "expression",
    [
        '"{0.__class__}".format(1)',
        '"{x.__class__}".format_map({"x": 1})',
        'getattr("{0.__class__}", "for" + "mat")(1)',
        'list(map(str.format, ["{0.__class__}"], [1]))',
        '"{0[0].__class__}".format([1])',
        '"{:{0.__class__}}".format(1)',
    ],
)
def test_format_reads_attributes_through_the_guard(error, expression):
    """str.format is a small language of its own; it gets the same table (CVE-2023-41039)."""
    assert error(f"x = {expression}") in {
        "AttributeError: a whole number has no '__class__' that scripts may use",
        "ValueError: cannot switch from automatic field numbering to manual field specification",
    }


@pytest.mark.parametrize(
    "shown", ['f"{f}"', "str(f)", "repr([f])", '"%s" % f', '"{}".format(f)', "str(call)"]
)
def test_no_text_tells_where_memory_lies(value, shown):
    """The default repr of an object ends in its address."""
    assert " at 0x" not in value(shown, f=lambda: 1)


def test_addresses_in_the_users_own_words_stay(value):
    """Only a repr has that form."""
    assert value("str('meet at 0x1F')") == "meet at 0x1F"
    assert value("'%s' % 'meet at 0x1F'") == "meet at 0x1F"


def test_print_makes_one_line_of_text(run):
    """With sep and end as usual; there is no file to choose."""
    printed = []
    run(
        "print('a', 1, None)\nprint('a', 'b', sep='-', end='!', file=3, flush=True)\nprint()\n",
        printed=printed,
    )
    assert printed == ["a 1 None", "a-b!", ""]
