"""What `import` gives: chosen functions of eight modules, with limits, and nothing behind them."""

import datetime
import re

import pytest

from tocsin.sandbox import library

EVERY = "import datetime, html, json, math, random, re, time, urllib.parse\n"


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        (
            "[math.floor(2.7), math.sqrt(4), math.comb(5, 2), math.fsum([0.5] * 2), math.lcm(4, 6)]",
            [2, 2.0, 10, 1.0, 12],
        ),
        ("math.isclose(math.pi, 3.14159, rel_tol=0.001)", True),
        ("datetime.datetime(2026, 11, 22, 3, 4).strftime('%d.%m. %H:%M')", "22.11. 03:04"),
        ("datetime.datetime.strptime('22.11.2026', '%d.%m.%Y').weekday()", 6),
        (
            "[datetime.date(2026, 11, 22).isocalendar().week, datetime.date(2026, 11, 22).isocalendar()[1]]",
            [47, 47],
        ),
        ("[n for n in datetime.datetime(2026, 11, 22, 7).isocalendar()]", [2026, 47, 7]),
        (
            "datetime.datetime.fromisoformat('2026-11-22T03:04:05+00:00').tzinfo == datetime.timezone.utc",
            True,
        ),
        ("(datetime.date(2026, 11, 22) + datetime.timedelta(days=2 * 5)).isoformat()", "2026-12-02"),
        ("(datetime.datetime.max - datetime.datetime.min).days", 3652058),
        ("isinstance(datetime.datetime.now(), datetime.date)", True),
        ("time.strftime('%Y-%m-%d', time.gmtime(0))", "1970-01-01"),
        ("[time.time() > 0, time.gmtime(0).tm_year, time.localtime()[0] > 2000]", [True, 1970, True]),
        ("re.match('(?P<n>[0-9]+) ?', '12 x').group('n')", "12"),
        ("[m[1] for m in re.finditer('a(.)', 'ab ac')]", ["b", "c"]),
        ("re.sub('[aeiou]', lambda m: m.group().upper(), 'pump')", "pUmp"),
        ("re.compile('PU.P', re.IGNORECASE).findall('pump Pulp')", ["pump", "Pulp"]),
        ("re.search('^b', 'a\\nb', flags=re.M | re.I).start()", 2),
        ("re.split(',', 'a,b') + [re.escape('a.b')]", ["a", "b", "a\\.b"]),
        ("isinstance(re.search('a', 'a'), re.Match)", True),
        (
            "json.loads(json.dumps({'a': [1, 2.5, None, True]}, indent=1, sort_keys=True))",
            {"a": [1, 2.5, None, True]},
        ),
        ("html.escape('<Maria & \"Jon\">')", "&lt;Maria &amp; &quot;Jon&quot;&gt;"),
        (
            "urllib.parse.quote('a b/ü', safe='') + urllib.parse.quote_plus('a b') + urllib.parse.unquote('%41')",
            "a%20b%2F%C3%BCa+bA",
        ),
        (
            "[1 <= random.randint(1, 6) <= 6, random.choice('a'), len(random.sample(range(9), 3))]",
            [True, "a", 3],
        ),
        ("sorted(random.choices([1], k=3)) + [0.0 <= random.random() < 1.0]", [1, 1, 1, True]),
    ],
)
def test_the_functions_do_what_the_documentation_of_python_says(run, expression, result):
    """Through a guard, with the same results."""
    assert run(f"{EVERY}result = {expression}\n")["result"] == result


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import math\nmath.factorial(10 ** 7)", "OverflowError: factorial takes numbers up to 5000"),
        ("import math\nmath.comb(10 ** 7, 5)", "OverflowError: comb takes numbers up to 5000"),
        (
            "import math\nmath.lcm(1 << 40000, 3 ** 30000)",
            "OverflowError: the result would be a number of more than 65536 bits",
        ),
        ("import math\nmath.fsum(call)", "TypeError: a Call has no items to go through"),
        ("import re\nre.compile('a' * 1001)", "ValueError: a pattern has up to 1000 characters"),
        (
            "import re\nre.compile('a', 128)",
            "ValueError: the flags of re are IGNORECASE, MULTILINE, DOTALL, VERBOSE, ASCII and UNICODE",
        ),
        ("import re\nre.match(1, 'a')", "TypeError: a pattern is a text or what re.compile returned"),
        (
            "import re\nre.Match()",
            "TypeError: re.Match and re.Pattern are made by re.match and re.compile only",
        ),
        (
            "import json\nx = []\nx.append(x)\njson.dumps(x)",
            "ValueError: a document is nested up to 50 levels deep",
        ),
        (
            "import json\njson.loads('[' * 60 + ']' * 60)",
            "ValueError: a document is nested up to 50 levels deep",
        ),
        (
            "import json\njson.dumps('x' * 1048576)",
            "ValueError: the result would be a text of more than 1048576 characters",
        ),
        ("import json\njson.dumps([], indent=1000)", "ValueError: indent is 0 to 16"),
        ("import json\njson.dumps(call)", "TypeError: Object of type Call is not JSON serializable"),
        (
            "import json\njson.dumps({}, default=str)",
            "TypeError: json.dumps() got an unexpected keyword argument 'default'",
        ),
        (
            "import random\nrandom.choices([1], k=10 ** 9)",
            "ValueError: the result would have more than 100000 items",
        ),
        (
            "import random\nrandom.getrandbits(10 ** 9)",
            "OverflowError: the result would be a number of more than 65536 bits",
        ),
        ("import random\nrandom.choice(call)", "TypeError: a Call has no items to go through"),
        (
            "import time\ntime.strftime('%9999Y')",
            "ValueError: a date format has up to 256 characters and widths up to 999",
        ),
        (
            "import html\nhtml.escape('<' * 1000000)",
            "ValueError: the result would be a text of more than 1048576 characters",
        ),
    ],
)
def test_what_could_grow_or_look_inside_is_limited(error, source, message):
    """Each with the limit in the message."""
    assert error(source) == message


@pytest.mark.parametrize(
    "expression",
    [
        "random.seed(0)",
        "random.Random",
        "json.codecs",
        "re.enum",
        "re.purge()",
        "datetime.sys",
        "math.prod([2])",
        "time.tzset()",
        "urllib.request",
        "html.entities",
        "json.load",
        "datetime.datetime.utcnow()",
    ],
)
def test_what_is_left_out_is_not_there(error, expression):
    """State that outlives a call, files, and everything behind the real modules."""
    member = expression.partition("(")[0].rpartition(".")[2]
    source = f"import datetime, html, json, math, random, re, time, urllib\nx = {expression}"
    told = error(source)
    assert told.startswith("AttributeError: ")
    assert repr(member) in told


def test_shuffling_changes_the_list_itself(run):
    """As everywhere else."""
    left = run("import random\nx = [1, 2, 3]\nrandom.shuffle(x)\ny = random.getrandbits(8)\n")
    assert sorted(left["x"]) == [1, 2, 3]
    assert 0 <= left["y"] < 256


def test_what_could_stay_in_memory_or_tell_where_memory_lies_is_checked(run, error):
    """A long `safe` would be kept beyond the call; the text of an object is made like any other."""
    assert "0x" not in run("import urllib.parse\nx = urllib.parse.quote(call)\n")["x"]
    assert error("import urllib.parse\nurllib.parse.quote('a', 'x' * 101)") == (
        "ValueError: safe holds up to 100 characters"
    )
    assert error("import urllib.parse\nurllib.parse.quote('a', ['x' * 101])") == (
        "ValueError: safe holds up to 100 characters"
    )
    assert error("import random\nrandom.shuffle((1, 2))") == "TypeError: random.shuffle takes a list"


def test_sleep_says_what_to_use_instead(error):
    """The name most people will look for."""
    assert error("import time\ntime.sleep(1)") == (
        "AttributeError: time offers scripts no 'sleep': the caller would hear nothing;"
        ' use <Pause length="2"/> in the response'
    )


def test_flags_of_re_are_plain_numbers(run):
    """The enum they come from leads back to its module."""
    assert type(run("import re\nx = re.I\n")["x"]) is int


def test_errors_of_the_library_can_be_caught(run):
    """With the few attributes that help."""
    left = run(
        "import json, re\n"
        "try:\n    json.loads('{')\nexcept json.JSONDecodeError as e:\n    a = (e.lineno, e.pos)\n"
        "try:\n    re.compile('(')\nexcept re.error as e:\n    b = e.msg\n"
    )
    assert (left["a"], left["b"]) == ((1, 1), "missing ), unterminated subpattern")


def test_everything_a_message_offers_can_be_imported():
    """And the other way round."""
    assert set(library.OFFERED) | {"urllib"} == set(library.namespaces(iter))


def test_preload_leaves_nothing_to_import_later():
    """What scripts do later finds its modules already there."""
    library.preload()

    assert datetime.datetime.strptime("22 +0000", "%d %z").day == 22
    assert re.compile("[[a]").pattern == "[[a]"


@pytest.mark.parametrize(
    "source",
    [
        'import re\nassert re.compile("(a)").sub(r"\\1b", "a") == "ab"',
        'import re\nassert re.compile("(a)").subn(r"\\1b", "a") == ("ab", 1)',
        'import re\nassert re.match("(a)", "ab").expand(r"\\1-\\1") == "a-a"',
        "import datetime as dt\nassert dt.datetime.today().timetuple().tm_year > 2000",
        "import datetime as dt\nassert dt.date.today().timetuple().tm_year > 2000",
        "import datetime as dt\nassert dt.date(2026, 1, 2).ctime().startswith('Fri')",
        "import datetime as dt\nassert format(dt.date(2026, 1, 2), '%Y') == '2026'",
    ],
)
def test_what_imports_by_itself_in_c_works(run, source):
    """Some C functions import re or time from the frame that called them, where there is no __import__."""
    run(source)
