"""Re-writings that mean the same as a key, and near misses that do not: made from the text, not by the parser.

`rewritings(key)` and `near_misses(key)` give (how, text) pairs; every key of MATH-500 and of the real exams has at
least five of each. They are text transformations of their own, so that a parser's mistake cannot cancel out.
"""

import re
from collections.abc import Iterator

Pair = tuple[str, str]

_FRACTION = re.compile(r"\\[dt]?frac\s*(?:\{([^{}]*)\}|(\d))\s*(?:\{([^{}]*)\}|(\d))")
_ROOT = re.compile(r"\\sqrt\s*(?:\{([^{}]*)\}|(\d))")
_INTEGER = re.compile(r"-?\d+")
_NUMBER = re.compile(r"(?<![\d.])(?:\d+(?:\.\d+)?|\.\d+)(?![\d.])")
_WORDS = ("Sophie", "east", "ellipse", "NEVER", "circle", "west", "Yes", "odd", "(B)")


def latex_to_plain(text: str, root: str = "sqrt({})", pi: str = "pi", times: str = "*") -> str:
    """LaTeX as people type it without LaTeX."""
    if "\\begin" in text:
        rows = re.sub(r"\\(?:begin|end)\{[a-z]*\}", "", text).split("\\\\")
        cells = [[latex_to_plain(cell, root, pi, times).strip() for cell in row.split("&")] for row in rows]
        if all(len(row) == 1 for row in cells):
            return "(" + ", ".join(row[0] for row in cells) + ")"
        return "[" + ", ".join("[" + ", ".join(row) + "]" for row in cells) + "]"
    text = re.sub(r"\\[!,;: ]\s*", "", text).replace("\\left", "").replace("\\right", "")
    text = re.sub(r"\\(?:text|mbox)\s*\{([^{}]*)\}", r"\1", text)
    before = ""
    while before != text:
        before = text
        text = _ROOT.sub(lambda m: root.format(m[1] or m[2]), text)
        text = re.sub(r"(?<=\d)\s*\\[dt]?frac\{(\d+)\}\{(\d+)\}", r" \1/\2", text)
        text = _FRACTION.sub(lambda m: f"{_grouped(m[1] or m[2])}/{_grouped(m[3] or m[4])}", text)
    text = re.sub(r"\^\{?\\circ\}?", "°", text)
    text = re.sub(r"\^\{(\w+)\}", r"^\1", text)
    text = re.sub(r"_\{(\w+)\}", r"_\1", text)
    for command, plain in (
        ("\\pi", f" {pi}" if pi == "pi" else pi),
        ("\\infty", "infinity" if pi == "pi" else "∞"),
        ("\\cdot", times),
        ("\\times", times),
        ("\\cup", "U" if pi == "pi" else "∪"),
        ("\\pm", "±"),
        ("\\in", "in" if pi == "pi" else "∈"),
        ("\\cot", "cot"),
        ("\\$", "$"),
        ("\\{", "{"),
        ("\\}", "}"),
    ):
        text = text.replace(command, plain)
    return " ".join(text.split())


def _grouped(text: str) -> str:
    return text if re.fullmatch(r"-?[\w.]+|\w|√\d+", text) else f"({text})"


def plain_to_latex(text: str) -> str:
    """The linear form of the exams as LaTeX."""
    text = re.sub(r"√\(([^()]*)\)", r"\\sqrt{\1}", text)
    text = re.sub(r"√(\w+)", r"\\sqrt{\1}", text)
    text = re.sub(r"\(([^(),]*)\)/\(([^(),]*)\)", r"\\frac{\1}{\2}", text)
    text = re.sub(r"(\w+)/\(([^(),]*)\)", r"\\frac{\1}{\2}", text)
    text = re.sub(r"(\d+)/(\d+)", r"\\frac{\1}{\2}", text)
    text = re.sub(r"\^(\d\d+)", r"^{\1}", text)
    text = text.replace("π", "\\pi ").replace("≤", "\\le ").replace("≥", "\\ge ").replace("∞", "\\infty ")
    return text.strip()


def top_level(text: str, separator: str) -> list[str]:
    """Split outside of brackets."""
    parts, depth, start = [], 0, 0
    for place, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0 and text.startswith(separator, place) and place >= start:
            parts.append(text[start:place])
            start = place + len(separator)
    return [*parts, text[start:]]


def is_word(key: str) -> bool:
    """Words and choices, not mathematics."""
    return bool(re.fullmatch(r"(?:\\text\{)?\(?[A-Za-z]+\)?\}?", key)) and not re.fullmatch(r"[a-z]|pi", key)


def rewritings(key: str) -> list[Pair]:
    """Texts that a teacher takes for the same answer as the key."""
    found: list[Pair] = []
    if is_word(key):
        word = re.sub(r"\\text\{(.*)\}", r"\1", key)
        found += [("plain", word), ("capitals", word.upper()), ("text", f"\\text{{{word}}}"), ("bold", f"**{word}**")]
        found += [("sentence", f"The answer is {word}."), ("box", f"\\boxed{{\\text{{{word}}}}}"), ("stop", f"{word}.")]
        if word.upper() in ("ALWAYS", "SOMETIMES", "NEVER"):
            found += [("true", f"{word.capitalize()} true"), ("lower", word.lower())]
        if word.startswith("("):
            found += [("letter", word.strip("()")), ("bracket", word.strip("()") + ")")]
        return _distinct(key, found)
    plain = latex_to_plain(key)
    unicode = latex_to_plain(key, "√({})", "π", "·").replace("-", "−")
    found += [("plain", plain), ("unicode", unicode), ("dollars", f"${key}$".replace("$\\$", "$\\$"))]
    latex = plain_to_latex(key) if "\\" not in key else key
    found += [("latex", latex), ("box", f"\\boxed{{{latex}}}"), ("dfrac", latex.replace("\\frac", "\\dfrac"))]
    if re.match(r"\(|\[|\\\{", latex) and re.search(r"(\)|\]|\\\})$", latex) and "\\cup" not in latex:
        body, end = (latex[2:-2], "\\}") if latex.startswith("\\{") else (latex[1:-1], latex[-1])
        found.append(("left right", f"\\left{latex[: len(latex) - len(body) - len(end)]}{body}\\right{end}"))
    found += [("sentence", f"the answer is ${latex}$."), ("bold", f"**{unicode}**"), ("spaces", _spaced(unicode))]
    if re.search(r"[a-zA-Z]", re.sub(r"\\[a-z]+", "", latex)) and not re.search(
        r"[=_,]|\\in|\\text|\\mbox|\\begin", latex
    ):
        found += [("doubled", f"\\frac{{2({latex})}}{{2}}"), ("brackets", f"({unicode})"), ("zero", f"0 + {plain}")]
        found += [("superscripts", re.sub(r"\^(\d)", lambda power: "⁰¹²³⁴⁵⁶⁷⁸⁹"[int(power[1])], plain))]
    found += list(_unreduced(latex))
    found += list(_reordered(latex))
    found += list(_by_kind(key, plain))
    return _distinct(key, found)


def _distinct(key: str, pairs: list[Pair]) -> list[Pair]:
    seen, kept = {key}, []
    for how, text in pairs:
        if text not in seen:
            seen.add(text)
            kept.append((how, text))
    return kept


def _spaced(text: str) -> str:
    if re.search(r"\d[,.]\d|[A-Za-z]{2}", text):
        return f" {text} "
    return re.sub(r"\s*([+−*/=()])\s*", r" \1 ", text).strip()


def _unreduced(latex: str) -> Iterator[Pair]:
    if re.fullmatch(r"-?\d+", latex):
        number = int(latex)
        yield "fraction", f"\\frac{{{3 * number}}}{{3}}"
        yield "slash", f"{2 * number}/2"
        yield "decimal", f"{number}.0"
        yield "brackets", f"({number})"
        yield "minus minus", f"-({-number})"
        if abs(number) >= 1000:
            yield "thousands", f"{number:,}"
            yield "thin", f"{number:,}".replace(",", "{,}")
    if re.fullmatch(r"-?\d*\.\d+", latex):
        yield "trailing zero", latex + "0"
        places = len(latex.partition(".")[2])
        yield "fraction", f"\\frac{{{int(latex.replace('.', ''))}}}{{{10**places}}}"
        yield "leading zero", re.sub(r"^(-?)\.", r"\g<1>0.", latex)
        yield "scientific", f"{int(latex.replace('.', ''))} \\times 10^{{-{places}}}"
    fraction = re.search(r"\\frac\{(-?\d+)\}\{(\d+)\}", latex)
    if fraction and not re.match(r"\d", latex):
        top, bottom = int(fraction[1]), int(fraction[2])
        yield "unreduced", latex.replace(fraction[0], f"\\frac{{{5 * top}}}{{{5 * bottom}}}")
        yield "product", latex.replace(fraction[0], f"\\frac{{1}}{{{bottom}}} \\cdot {top}") if top > 0 else latex
        yield "slash", latex.replace(fraction[0], f"({2 * top})/({2 * bottom})")
    root = re.search(r"(\d+)\s*\\sqrt\{?(\d+)\}?", latex)
    if root:
        outer, inner = int(root[1]), int(root[2])
        yield "unreduced root", latex.replace(root[0], f"\\sqrt{{{outer * outer * inner}}}")
        yield "power", latex.replace(root[0], f"{outer} \\cdot {inner}^{{1/2}}")


def _reordered(latex: str) -> Iterator[Pair]:
    terms = re.fullmatch(r"(-?[^-+=,()\[\]{}\\]+) ?([+-]) ?([^-+=,()\[\]\\]+)", latex)
    if terms:
        first = terms[1].strip()
        yield "terms", f"{'-' if terms[2] == '-' else ''}{terms[3]} {'' if first.startswith('-') else '+'} {first}"
    if "\\cup" in latex:
        yield "union", " \\cup ".join(reversed([part.strip() for part in top_level(latex, "\\cup")]))
    elif not re.match(r"[(\[]|\\left", latex) and not re.fullmatch(r"[\d,\\!$ ./]+(?<!\d, \d)", latex):
        inner = latex[2:-2] if latex.startswith("\\{") else latex
        parts = top_level(inner, ",")
        if len(parts) > 1 and "=" not in latex:
            turned = ", ".join(part.strip() for part in reversed(parts))
            yield "order", f"\\{{{turned}\\}}"
            yield "list", turned
            yield "and", turned.replace(", ", " and ")
    elif re.fullmatch(r"-?\d+(?:, ?-?\d+)+", latex) and not re.fullmatch(r"\d{1,3}(,\d{3})+", latex):
        parts = [part.strip() for part in latex.split(",")]
        yield "order", ", ".join(reversed(parts))
        yield "set", f"\\{{{', '.join(parts[1:] + parts[:1])}\\}}"
    equation = re.fullmatch(r"([^=]+)=([^=]+)", latex)
    if equation:
        yield "sides", f"{equation[2].strip()} = {equation[1].strip()}"
        yield "one side", f"{equation[1].strip()} - ({equation[2].strip()}) = 0"
        yield "doubled", f"2({equation[1].strip()}) = 2({equation[2].strip()})"
    if re.fullmatch(r"1 \\pm \\sqrt\{19\}", latex):
        yield "two values", "1 - \\sqrt{19}, 1 + \\sqrt{19}"


def _by_kind(key: str, plain: str) -> Iterator[Pair]:
    based = re.fullmatch(r"(\d+)_\{?(\d)\}?", key)
    if based:
        yield "base", f"{based[1]} base {based[2]}"
        yield "braces", f"{based[1]}_{{{based[2]}}}"
        yield "left out", based[1]
        yield "brackets", f"({based[1]})_{based[2]}"
    if "\\circ" in key or "degrees" in key:
        yield "degrees", plain.replace("°", "").replace("degrees", "").strip() + " degrees"
        yield "unit left out", plain.replace("°", "").replace("degrees", "").strip()
    if "\\$" in key:
        amount = plain.strip("$")
        yield "dollars", f"{amount} dollars"
        yield "unit left out", amount
        yield "cents", f"{round(100 * float(amount.replace(',', '')))} cents"
    interval = re.fullmatch(r"([(\[])([^,()]+),([^,()]+)([)\]])", latex_to_plain(key, pi="π"))
    if interval and ("∞" in plain.replace("infinity", "∞") or interval[1] + interval[4] in ("(]", "[)")):
        low, high = interval[2].strip(), interval[3].strip()
        left = f"{low} {'≤' if interval[1] == '[' else '<'} " if "∞" not in low else ""
        right = f" {'≤' if interval[4] == ']' else '<'} {high}" if "∞" not in high else ""
        yield "inequality", f"{left}x{right}"
    mixed = re.fullmatch(r"(\d+)\s*\\frac\{(\d+)\}\{(\d+)\}", key)
    if mixed:
        whole, top, bottom = (int(part) for part in mixed.groups())
        yield "improper", f"\\frac{{{whole * bottom + top}}}{{{bottom}}}"
        yield "sum", f"{whole} + {top}/{bottom}"
        yield "decimal", str(whole + top / bottom)
    ratio = re.fullmatch(r"(\d+):(\d+)", key)
    if ratio:
        a, b = int(ratio[1]), int(ratio[2])
        yield "to", f"{a} to {b}"
        yield "multiple", f"{2 * a}:{2 * b}"
        yield "spaces", f"{a} : {b}"
        yield "fraction", f"{a}/{b}"
    if "\\begin{pmatrix}" in key:
        yield "brackets", key.replace("pmatrix", "bmatrix")
        yield "fractions", re.sub(r"(-?\d+)/(\d+)", r"\\frac{\1}{\2}", key)


def near_misses(key: str) -> list[Pair]:
    """Texts that look like the key and are another answer."""
    found: list[Pair] = []
    bare = re.sub(r"\\text\{(.*)\}", r"\1", key)
    if is_word(key):
        mine = bare.strip("()").lower()
        found += [("other word", word) for word in _WORDS if word.strip("()").lower() != mine]
        if bare.startswith("(") or re.fullmatch("[A-E]", bare):
            found += [("other letter", f"({letter})") for letter in "ABCDE" if letter.lower() != mine]
        found += [("not", f"not {bare}"), ("number", "1"), ("both", f"{bare} and {_WORDS[0]}")]
        return _distinct(key, found)
    found += [("dropped", text) for text in _dropped(key)]
    for number in list(_NUMBER.finditer(key))[:4]:
        for how, text in _numbers(number[0]):
            found.append((how, key[: number.start()] + text + key[number.end() :]))
    found += list(_signs(key))
    found += list(_ends(key))
    found += [("element more", f"{key}, 17")] if not re.search(r"[=<>]", key) else []
    pair = re.fullmatch(r"(\\left)?\((.+),(.+?)(\\right)?\)", key)
    if pair and "\\cup" not in key and "\\infty" not in key and pair[2].strip() != pair[3].strip():
        found.append(("swapped", f"({pair[3].strip()}, {pair[2].strip()})"))
    if re.search(r"[a-zA-Z]", latex_to_plain(key).replace("pi", "").replace("sqrt", "")) and "\\text" not in key:
        found += (
            [("another", f"{key} + 1"), ("squared", f"({key})^2"), ("inverse", f"1/({key})")]
            if not re.search(r"[=,\\]|in", key)
            else []
        )
    if "\\pi" in key or "π" in key:
        found.append(("pi lost", key.replace("\\pi", "").replace("π", "") or "1"))
        found.append(("pi squared", key.replace("\\pi", "\\pi^2").replace("π", "π^2")))
        found += [("rounded", "3.14"), ("double", f"2{key}"), ("half", "\\frac{\\pi}{2}")] if len(key) < 4 else []
    if "sqrt" in key or "√" in key:
        found.append(("cube root", key.replace("\\sqrt", "\\sqrt[3]").replace("√", "∛")))
        found.append(("root lost", key.replace("\\sqrt", "").replace("√", "")))
    if key == "0":
        found += [("one", "-1"), ("ten", "10"), ("none", "none")]
    if re.fullmatch(r"[a-z] ?= ?-?\d*[a-z]?", key):
        found += [("other name", f"z{key[1:]}"), ("sign", key.replace("=", "= -").replace("- -", "").replace("--", ""))]
    if key == "\\cot x":
        found += [("function", f"\\{name} x") for name in ("tan", "cos", "sin")] + [("variable", "\\cot y")]
    if re.fullmatch(r"[a-z] - [a-z]", key):
        found += [("sum", key.replace("-", "+")), ("product", key.replace(" - ", "")), ("one", key[0])]
        found += [("swapped", " - ".join(reversed(key.split(" - ")))), ("double", f"2({key})")]
    found = [(how, text) for how, text in found if not _equal_anyway(key, text)]
    return _distinct(key, found)


def _equal_anyway(key: str, text: str) -> bool:
    """4.00 and 4.000; -0 and 0."""
    try:
        return float(key) == float(text)
    except ValueError:
        return text.replace(" ", "") == key.replace(" ", "")


def _numbers(number: str) -> Iterator[Pair]:
    last = number[-1]
    yield "one digit", number[:-1] + str((int(last) + 1) % 10)
    first = 1 if number[0] == "." else 0
    yield "first digit", number[:first] + str(int(number[first]) % 9 + 1) + number[first + 1 :]
    if set(number) - set("0."):
        yield "factor of 10", _tenfold(number)
        yield "a tenth", f"{number[:-1]}.{last}" if "." not in number else number.replace(".", ".0")
    if "." not in number and len(number) > 1 and number[0] != number[1]:
        yield "two digits swapped", number[1] + number[0] + number[2:]
    if "." not in number:
        yield "a half more", f"{number}.5"


def _tenfold(number: str) -> str:
    whole, _, places = number.partition(".")
    return f"{whole}{places[:1] or '0'}.{places[1:]}".rstrip(".")


def _signs(key: str) -> Iterator[Pair]:
    positive = re.match(r"[\d.\\√π]|\\frac", key) and not re.match(r"\\[{lt$bm]", key)
    if positive and key != "0" and not re.search(r"\\pm|,(?!\d{3})|[:_\-+=]", key):
        yield "sign", f"-{key}"
    if re.match(r"-", key) and "," not in key:
        yield "sign", key[1:]
    for sign, other in ((" - ", " + "), (" + ", " - "), ("-", "+")):
        place = key.find(sign, 1)
        if place > 0 and key[place - 1] not in "(,[{^&\\ " and "begin" not in key:
            yield "sign inside", key[:place] + other + key[place + len(sign) :]
    first = re.search(r"(?<=[(\[,{]) ?(-?)(\d)", key)
    if first and "\\!" not in key and not re.search(r"\d,\d{3}", key) and "{," not in key and "frac" not in key:
        flipped = first[2] if first[1] else f"-{first[2]}"
        if first[2] != "0":
            yield "sign of an element", key[: first.start()] + flipped + key[first.end() :]


def _ends(key: str) -> Iterator[Pair]:
    interval = re.match(r"(?:x \\in )?(?:\\left)?[(\[]", key)
    if interval and re.search(r"\\infty|\\cup|\]|x \\in", key):
        swap = {"(": "[", "[": "(", ")": "]", "]": ")"}
        for place, character in enumerate(key):
            around = key[max(0, place - 7) : place + 8]
            if character in swap and "infty" not in around:
                yield "interval end", key[:place] + swap[character] + key[place + 1 :]


def _dropped(key: str) -> Iterator[str]:
    if re.search(r"\\cup", key):
        parts = [part.strip() for part in key.split("\\cup")]
        yield from parts
        return
    match = re.fullmatch(r"(\(|\\\{|)([^()]+)(\)|\\\}|)", key)
    if match and not re.search(r"\d,\d{3}|\\!|=", key):
        parts = [part.strip() for part in top_level(match[2], ",")]
        if len(parts) > 1:
            for place in range(len(parts)):
                rest = parts[:place] + parts[place + 1 :]
                yield f"{match[1]}{', '.join(rest)}{match[3]}" if len(rest) > 1 else rest[0]
