"""try, except, finally, raise: what can be caught, and what an exception lets a script see."""

import pytest


def test_exceptions_are_caught_by_name_by_tuple_and_bare(run):
    """A bare except means `except Exception`."""
    left = run(
        "out = []\n"
        "for bad in ('1/0', 'key', 'bare'):\n"
        "    try:\n"
        "        if bad == '1/0':\n            1 / 0\n"
        "        elif bad == 'key':\n            {}['x']\n"
        "        else:\n            raise RuntimeError('r', 2)\n"
        "    except (ZeroDivisionError, IndexError) as e:\n        out.append(str(e))\n"
        "    except KeyError as e:\n        out.append(e.args)\n"
        "    except:\n        out.append('bare')\n"
        "    else:\n        out.append('none')\n"
        "    finally:\n        out.append('f')\n"
    )
    assert left["out"] == ["division by zero", "f", ("x",), "f", "bare", "f"]


def test_a_bare_except_does_not_hold_on_to_a_shutdown(run):
    """What the sandbox raises to end a run is no Exception."""

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run("try:\n    stop()\nexcept:\n    pass\n", stop=stop)


def test_a_script_may_rebind_exception_and_bare_except_still_works(run):
    """The handler does not go by the name a script can change."""
    assert run("Exception = None\ntry:\n    1 / 0\nexcept:\n    x = 1\n")["x"] == 1


@pytest.mark.parametrize("name", ["BaseException", "SystemExit", "KeyboardInterrupt", "GeneratorExit"])
def test_the_family_above_exception_has_no_names(error, name):
    """Neither to catch nor to raise."""
    assert error(f"try:\n    1 / 0\nexcept {name}:\n    pass\n") == f"NameError: name {name!r} is not defined"
    assert error(f"raise {name}(0)\n") == f"NameError: name {name!r} is not defined"


@pytest.mark.parametrize(
    "name",
    [
        "obj",
        "name",
        "path",
        "value",
        "with_traceback",
        "add_note",
        "__traceback__",
        "__context__",
        "__cause__",
    ],
)
def test_an_exception_shows_its_args_and_nothing_else(error, name):
    """`obj` hands out the object that lacked an attribute (CVE-2024-47532); the rest leads to frames."""
    source = f"try:\n    call.nope\nexcept AttributeError as e:\n    x = getattr(e, {name!r})\n"
    assert error(source) == f"AttributeError: an AttributeError has no {name!r} that scripts may use"


def test_the_args_of_an_exception_are_texts(run):
    """A KeyError holds the key itself, which may be any object."""
    left = run("try:\n    {}[call.url]\nexcept KeyError as e:\n    a = e.args\n")
    assert all(type(each) is str and " at 0x" not in each for each in left["a"])


def test_exception_groups_are_refused(problems):
    """`except*` once let a script confuse one object with another (CVE-2025-22153)."""
    assert problems("try:\n    1 / 0\nexcept* Exception as e:\n    pass\n") == [
        "1: `except*` is not part of the script language; use except."
    ]


def test_raise_from_and_assert_work(error):
    """As in any Python."""
    assert error("raise ValueError('a') from KeyError('b')") == "ValueError: a"
    assert error("assert 1 == 2, 'no'") == "AssertionError: no"
