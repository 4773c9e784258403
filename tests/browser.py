"""A headless Chromium driven by its own DevTools protocol over a pipe: real keys and clicks, nothing to install.

https://chromedevtools.github.io/devtools-protocol/; messages are JSON, each ended by a zero byte.
"""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE = 20.0  # seconds that anything may take

NAMED = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
SHIFT = 8


class Tab:
    """One tab of the browser."""

    def __init__(self, pipes: tuple[int, int], session: str = "") -> None:
        self._pipes, self._session = pipes, session
        self.errors: list[str] = []

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a command; what the page reports meanwhile is kept in `errors` if it is an error."""
        Tab.number = getattr(Tab, "number", 0) + 1
        message = {"id": Tab.number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._pipes[1], json.dumps(message).encode() + b"\0")
        while True:
            told = self._read()
            if told.get("id") == message["id"]:
                assert "error" not in told, f"{method}: {told['error']}"
                return told["result"]
            if told.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
                self.errors.append(json.dumps(told["params"]))

    _rest = b""

    def _read(self) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while b"\0" not in Tab._rest:
            assert select.select([self._pipes[0]], [], [], end - time.monotonic())[0], "the browser does not answer"
            Tab._rest += os.read(self._pipes[0], 1 << 20)
        message, _, Tab._rest = Tab._rest.partition(b"\0")
        return json.loads(message)

    def tab(self, address: str, width: int = 1280, height: int = 800, dark: bool = False) -> "Tab":
        """A new tab at this address."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self._pipes, session)
        for domain in ("Page", "Runtime", "Log"):
            tab.send(f"{domain}.enable")
        tab.look(width, height, dark)
        tab.send("Page.navigate", url=address)
        return tab

    def look(self, width: int, height: int, dark: bool) -> None:
        """The window's size in CSS pixels, and the colours that the system prefers."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited if it is a promise."""
        told = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def until(self, expression: str) -> Any:
        """The first value of the expression that is true."""
        end = time.monotonic() + PATIENCE
        while not (value := self.run(expression)):
            assert time.monotonic() < end, f"never true: {expression}"
            time.sleep(0.02)
        return value

    def press(self, *keys: str, shift: bool = False) -> None:
        """Press and release keys, as a keyboard does."""
        for key in keys:
            code = NAMED.get(key) or (ord(key.upper()) if key.isalnum() else 0)
            told: dict[str, Any] = {"key": key, "windowsVirtualKeyCode": code, "modifiers": SHIFT * shift}
            if key not in NAMED or key == "Enter":
                told["text"] = "\r" if key == "Enter" else key
            self.send("Input.dispatchKeyEvent", type="keyDown", **told)
            self.send("Input.dispatchKeyEvent", type="keyUp", **told)

    def type(self, text: str) -> None:
        """Type a text into the focused field."""
        self.press(*text)

    def click(self, selector: str) -> None:
        """Click in the middle of an element."""
        box = self.run(f"(r => [r.x + r.width / 2, r.y + r.height / 2])({_find(selector)}.getBoundingClientRect())")
        self.drag(box, box)

    def drag(self, start: list[float], end: list[float]) -> None:
        """Press the mouse at one point of the window and release it at another."""
        for kind, (x, y) in (("mousePressed", start), ("mouseMoved", end), ("mouseReleased", end)):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1, clickCount=1)

    def picture(self, path: Path) -> None:
        """What is seen, as a PNG."""
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot")["data"]))


def _find(selector: str) -> str:
    return f"document.querySelector({json.dumps(selector)})"


@contextmanager
def chromium(folder: Path) -> Iterator[Tab]:
    """A browser with its profile below `folder`; `Tab.tab` opens what is wanted."""
    assert CHROMIUM
    (there, ours), (read, answer) = os.pipe(), os.pipe()
    ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in (there, answer)]  # clear of 3 and 4, which it wants
    for end in (there, answer):
        os.close(end)
    flags = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --remote-debugging-pipe"
    launch = "import os, sys; a = sys.argv; os.dup2(int(a[1]), 3); os.dup2(int(a[2]), 4); os.execv(a[3], a[3:])"
    process = subprocess.Popen(
        [sys.executable, "-c", launch, *map(str, ends), CHROMIUM, *flags.split(), f"--user-data-dir={folder}"],
        pass_fds=ends,
        stderr=subprocess.DEVNULL,
    )
    for end in ends:
        os.close(end)
    Tab._rest = b""
    try:
        yield Tab((read, ours))
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)
        os.close(read)
        os.close(ours)
