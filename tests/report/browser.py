"""A page in headless Chromium, as a frame of any width: what axe-core finds, how small its text is, what it overflows.

axe-core (Deque, MPL-2.0) comes out of the package axe-core-python; text in figures, which axe passes over, is measured
here: its size after all scaling, and its contrast with what lies under it.
"""

import html
import json
import re
import shutil
import subprocess
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=60000"]
SCHEMES = {"light": "preferredColorScheme=1", "dark": "preferredColorScheme=0"}

MEASURE = """
const texts = [], frame = document.getElementById('page');
frame.onload = async () => {
  const page = frame.contentDocument, view = frame.contentWindow;
  for (const one of page.querySelectorAll('body *')) {
    const own = [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!own || one.closest('math') || !one.getClientRects().length) continue;
    const matrix = one.getScreenCTM ? one.getScreenCTM() : null;
    const scale = matrix ? Math.hypot(matrix.a, matrix.b) : 1;
    const size = parseFloat(view.getComputedStyle(one).fontSize) * scale;
    texts.push({size: size, text: one.textContent.trim().slice(0, 40), svg: !!matrix});
  }
  const report = await view.axe.run(page, {resultTypes: ['violations'], iframes: false});
  const found = report.violations.map(one => ({id: one.id, impact: one.impact,
    nodes: one.nodes.slice(0, 3).map(node => node.html.slice(0, 160) + ' ' + (node.any[0] || {}).message)}));
  const told = {dark: view.matchMedia('(prefers-color-scheme: dark)').matches, width: page.documentElement.clientWidth,
    scrolled: page.documentElement.scrollWidth, texts: texts, violations: found, axe: view.axe.version,
    paper: view.getComputedStyle(page.body).backgroundColor};
  const out = document.createElement('pre');
  out.id = 'told';
  out.textContent = JSON.stringify(told);
  document.body.replaceChildren(out);
};
"""


def measure(page: Path, width: int, scheme: str) -> dict[str, Any]:
    """What a reader with a window of this width, in CSS pixels, and this colour scheme would meet."""
    source = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text(encoding="utf-8"))
    axe = (files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")
    framed = html.escape(source.replace("</head>", f"<script>{axe}</script></head>"))
    outer = (
        f"<!doctype html><meta charset=utf-8><script>addEventListener('DOMContentLoaded', () => {{{MEASURE}}})</script>"
        f'<iframe id="page" style="width:{width}px;height:900px;border:0" srcdoc="{framed}"></iframe>'
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "outer.html"
        path.write_text(outer, encoding="utf-8")
        blink = f"--blink-settings={SCHEMES[scheme]}"
        words = [str(CHROMIUM), *FLAGS, blink, f"--user-data-dir={folder}/profile", "--dump-dom", f"file://{path}"]
        said = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False).stdout
    found = re.search(r'<pre id="told">(.*?)</pre>', said, re.DOTALL)
    assert found, f"the browser said nothing: {said[:300]}"
    return dict(json.loads(html.unescape(found[1])))


def printed(page: Path, pdf: Path) -> None:
    """The page as a PDF, as the browser prints it."""
    with tempfile.TemporaryDirectory() as folder:
        words = [str(CHROMIUM), *FLAGS, f"--user-data-dir={folder}", f"--print-to-pdf={pdf}", "--no-pdf-header-footer"]
        subprocess.run([*words, f"file://{page.resolve()}"], capture_output=True, timeout=120, check=True)


def luminance(colour: tuple[float, float, float]) -> float:
    """Relative luminance of sRGB values in 0..1, WCAG 2.2."""
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """Contrast ratio of two colours, 1 to 21, WCAG 2.2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)
