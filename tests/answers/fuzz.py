"""Coverage-guided fuzzing for some seconds: `python -m tests.answers.fuzz 600` (with the extra `bench`).

It stops at any exception. At its end it prints one line: executions, the slowest comparison in milliseconds of CPU
time with its input, and the peak memory; the exit code is 1 if a comparison took over 50 ms, an extraction over 50 ms,
or memory passed 200 MiB above what the fuzzer itself holds at the start.
"""

import os
import resource
import sys
import time
import traceback

import atheris

with atheris.instrument_imports(include=["stages.answers"]):
    from stages.answers import compare, extract

SEEDS = (
    r"\frac{1}{2}|0.5",
    r"(2,\infty)|x > 2",
    r"\begin{pmatrix}-7\\16\\5\end{pmatrix}|(-7,16,5)",
    r"1 \pm \sqrt{19}|{1+√19, 1-√19}",
    r"\sqrt{5+2\sqrt{6}}|√2+√3",
    r"\sin 2x|2\sin x\cos x",
    r"5x - 7y + 11z + 4 = 0|x>2 or x<=-1",
    r"9^{9^{9^{9}}}|5!^{5!}",
    r"2113five|2113_{5}",
    r"15\mbox{ cm}^2|$5.40",
    r"\binom{10^7}{5000000}|1e99999",
    r"\boxed{0.1\overline{6}}|Answer: **12 feet 3 in**",
    "```python\n5 = x (since a\n```\n> **The answer is** 5.|\\end{align*} $$",
    "Area = 24 cm squared|## Answer\n\n**24** since a = 5.\n\nCheck\n- 5\n- 6 of 7",
    '{"answer": [3, {"x": 1}]}|(a) \\boxed{3}\n(b) \\boxed{4 and 1/2}</answer>Question: 5',
    "x > 1 and x < 5 and x > 2|f'(x) = 2x for x > 0, i.e. 5 out of 6 in total",
    r"x^{y^{z}}+\ln(x)/e^{-1000}|((((((((1))))))))",
)
LIMIT_MS = 50
LIMIT_MIB = 200


class Watch:
    """What was run, how long the slowest call took and on which input."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self.calls = 0
        self.slowest = 0.0
        self.input = ""
        self.start = peak_mib()

    def call(self, data: bytes) -> None:
        """One input: compare and extract; the end is reached in here, because libFuzzer ends without cleaning up."""
        text = data.decode("utf-8", "replace")
        try:
            took = seconds(text)
        except Exception:
            traceback.print_exc()
            print(f"exception on {text!r}")
            self.report(failed=True)
        self.calls += 1
        if took > self.slowest:
            took = min(took, seconds(text))  # once more: a pause of the garbage collector is not the checker's
        if took > self.slowest:
            self.slowest, self.input = took, text
        if time.monotonic() > self.end:
            self.report()

    def report(self, failed: bool = False) -> None:
        """The summary line, and the end."""
        memory = peak_mib()
        milliseconds = 1000 * self.slowest
        print(
            f"{self.calls} executions, slowest {milliseconds:.1f} ms on {self.input!r}, "
            f"peak memory {memory:.0f} MiB ({memory - self.start:.0f} MiB above the start)",
            flush=True,
        )
        os._exit(failed or milliseconds > LIMIT_MS or memory - self.start > LIMIT_MIB)


def seconds(text: str) -> float:
    """CPU time of one comparison or one extraction, whichever takes longer."""
    truth, _, candidate = text.partition("|")
    began = time.process_time()
    compare(truth, candidate)
    between = time.process_time()
    extract(text)
    return max(between - began, time.process_time() - between)


def peak_mib() -> float:
    """The most memory this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1 << 20)


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Half of the mutations put one of the seeds' halves into the input, so that the grammar is reached."""
    text = data.decode("utf-8", "replace")
    if seed % 2 == 0:
        piece = SEEDS[seed // 2 % len(SEEDS)].split("|")[seed // 64 % 2]
        place = seed // 128 % (len(text) + 1)
        data = (text[:place] + piece + text[place:]).encode()[:max_size]
    return bytes(atheris.Mutate(data, max_size))


def main() -> None:
    """Fuzz for the seconds given."""
    watch = Watch(float(sys.argv[1]) if len(sys.argv) > 1 else 60)
    for seed in SEEDS:
        watch.call(seed.encode())
    atheris.Setup([sys.argv[0], "-max_len=600"], watch.call, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
