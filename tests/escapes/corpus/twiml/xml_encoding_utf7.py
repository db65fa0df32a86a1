# class: another encoding claimed; expected: harmless
response = '<?xml version="1.0" encoding="UTF-7"?><Response>+ADw-Dial+AD4-+-15550001111+ADw-/Dial+AD4-</Response>'
