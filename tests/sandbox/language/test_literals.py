"""Literals: text, numbers, True, False, None and collections; no bytes, no complex numbers."""


def test_bytes_and_complex_numbers_are_refused(problems):
    """With what to write instead."""
    assert problems('x = b"a"\n') == [
        '1: Byte strings (b"...") are not part of the script language; use text without the b.'
    ]
    assert problems("x = 2j\n") == ["1: Complex numbers are not part of the script language; use float."]


def test_numbers_have_a_largest_size(problems):
    """In decimal Python itself draws the line, in hexadecimal the sandbox."""
    assert problems("x = " + "9" * 5000) == ["1: This number has too many digits."]
    assert problems("x = 0x" + "f" * 20000) == ["1: This number has more than 65536 bits."]


def test_letters_of_every_alphabet_may_be_used(run):
    """In text and in names."""
    left = run('på = "Höjd: \\N{DEGREE SIGN} ☎ \\ud83d"\n')
    assert left["på"].startswith("Höjd: ° ☎")


def test_an_ellipsis_is_a_placeholder(run):
    """`...` as a body to be written later."""
    run("def later():\n    ...\nlater()\n")
