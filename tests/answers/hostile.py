"""Inputs made to run code, to hang or to fill memory; each comes with the worst that this checker's limits allow."""

from collections.abc import Iterator


def hostile() -> Iterator[str]:
    """Candidates, shortest of their sort first."""
    yield from (
        '__import__("os").system("touch pwned")',
        "().__class__.__bases__[0].__subclasses__()",
        "exec('import os')",
        "9**9**9**9",
        "9^{9^{9^{9}}}",
        "2**-10**9",
        "factorial(10**8)",
        "(10^8)!",
        "((5000!)!)!",
        r"\binom{10^7}{5000000}",
        "10^{10^{10}} mod 7",
        "0^0",
        "1/0",
        r"\frac{1}{0.0}",
        "\\sqrt{-1}^{\\sqrt{-1}}",
        "e^{e^{e^{e^{e}}}}",
        r"\tan 90^\circ",
        r"\ln 0",
        r"\log_1 5",
        r"\log_0 0",
        r"\sqrt[0]{5}",
        r"\sqrt[10^9]{5}",
        r"\arcsin 2",
        "sin(10^{5000})",
        "1e999999",
        "1e-999999",
        "x^{100000}",
        "x^{x^{x^{x}}}",
        r"√2frac{0}{2}ine{4\binom{10^7}{5002x^{y^{z}}+\ln(z)Le^{-1000}000}}:6",
        "(π^{400000})!",
        r"\binom{π^{400000}}{3}",
        r"\binom{3}{π^{400000}}",
        r"\sqrt[π^{400000}]{2}",
        r"\sqrt[i]{2}",
        r"\log_{1+ie^{-500000}}(i+e^{-500000})",
        "\ud800",
        "\x00",
        "\u202e5",
    )
    yield "(" * 1000 + "1" + ")" * 1000
    yield "{" * 59 + "1" + "}" * 59
    yield "\\frac{1}{" * 50 + "2" + "}" * 50
    yield "\\sqrt{2+" * 50 + "2" + "}" * 50
    yield "C(" * 55 + "1" + ")" * 55
    yield "(5 ft and " * 30 + "1" + ")" * 30
    yield "{x|x<" * 40 + "1" + "}" * 40
    yield "-" * 1999 + "1"
    yield "+".join(f"\\sqrt{{{n}}}" for n in range(2, 60))
    yield "(" + "+".join(f"√{n}" for n in (2, 3, 5, 7, 11, 13)) + ")^{60}"
    yield "*".join(f"(√{n}+√{n + 1})" for n in range(2, 40))
    yield "/".join(f"(√{n}+√{n + 1})" for n in range(2, 40))
    yield "+".join(f"1/(√{n}+1)" for n in range(2, 60))
    yield ",".join(f"√{n}" for n in range(200, 2, -1))
    yield ",".join(f"sin {n}" for n in range(130, 2, -1))
    yield ",".join(f"x^{n}" for n in range(130, 2, -1))
    yield "+".join(f"sin({n}x)" for n in range(2, 60))
    yield "sin(" * 55 + "x" + ")" * 55
    yield "e^{sin(" * 28 + "x" + ")}" * 28
    yield "+".join(f"{n}!" for n in range(4960, 5000))
    yield "*".join(f"{n}!" for n in range(1000, 1040))
    yield "+".join(f"\\binom{{{5000 - n}}}{{2500}}" for n in range(40))
    yield "+".join(f"2^{{{65000 - n}}}" for n in range(80))
    yield "*".join(["(2^{60000}+1)/(2^{59999}+1)"] * 10)
    yield "*".join(["(x+1)^{99}/(x+2)^{98}"] * 12)
    yield "".join(chr(97 + n) + f"^{{{n}}}" for n in range(26) if chr(97 + n) not in "ei") * 6
    yield "+".join(f"√{10**23 + n}" for n in range(60))
    yield "1" * 2000
    yield "0." + "7" * 1990
    yield "0." + "12345" * 390 + "..."
    yield "1 " * 199
    yield "1," * 199 + "1"
    yield "a" * 2000
    yield "a " * 1000
    yield "A" * 1999 + "_16"
    yield "A)" * 995
    yield "$" * 2000
    yield "*" * 2000
    yield "\\text{" * 300 + "5" + "}" * 300
    yield "\\boxed{" * 250 + "5" + "}" * 250
    yield "\\left(" * 300
    yield "|" * 400
    yield "," * 2000
    yield "1" + " " * 1990 + "x"
    yield "answer is " * 190 + "5"
    yield "x=" * 190 + "5"
    yield "<".join("x" * 190)
    yield "∪".join(["(1,2)"] * 60)
    yield "∪".join(f"(√{n},√{n + 1})" for n in range(2, 40))
    yield "{" + ",".join(f"±{n}" for n in range(95)) + "}"
    yield "±1" * 130
    yield "\\begin{pmatrix}" + "\\\\".join("&".join("x" * 10) for _ in range(15)) + "\\end{pmatrix}"
    yield "5" + "!" * 300
    yield "5" + "%" * 300
    yield "2" + "^2" * 50
    yield "+".join(f"x^{{{n}}}y^{{{n}}}z^{{{n}}}" for n in range(20, 35))
    yield "=".join(["x^2+y^2", "25+z"])
    yield "[" * 55 + "+".join(["sin x"] * 95) + "]" * 55
    yield "(" * 40 + "1000000-1.5a" + ")^{-1}" * 20 + ")^{-1.51}" + ")^{-1}" * 19
    yield ",".join(f"1/{n}x" for n in range(190, 110, -1))
    yield " and ".join(f"1/{n}x" for n in range(190, 110, -1))
    yield ",".join(f"±{n}" for n in range(190, 60, -1))
    yield "/".join(f"±{n}" for n in range(190, 60, -1))
    yield "±".join(["x+x+66"] * 60)
    yield "arcsin(" * 8 + "/".join(["1"] * 140) + ")" * 8
    yield "A) " + "P(" * 15 + "/".join(f"log_{{{n}}}(5000!)" for n in range(1000, 1025)) + ",2)" * 15
    yield "+".join(["e^{ix}/(i+e^{-500000})"] * 20)
    yield "+".join(f"\\log_{{{10**20 + n}}}({10**20 - n})" for n in range(30))
    yield ",".join(f"√{10**20 + n}" for n in range(99))
    yield "*".join(f"(3^{{{20000 + n}}}+{n})/2^{{{30000 - n}}}" for n in range(20))
    yield "+".join(f"|x-{n}|^{{1/2}}" for n in range(30)) + "=y"
