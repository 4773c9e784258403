"""plots/dvc_page.html: the page that `dvc plots show` fills, with the scripts in it that DVC's own loads from afar.

`.dvc/config` names it (`plots.html_template`), so that the charts are drawn without a network.
"""

import vl_convert

VEGA_LITE = "5.21"  # of the v5 line, in which DVC's templates and those in .dvc/plots are written

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{refresh_tag}
<title>DVC plots</title>
<style>body { font: 1rem/1.5 sans-serif; margin: 1.5rem; } body > div { overflow-x: auto; margin: 0 0 2rem; }</style>
<script>
SCRIPTS
</script>
</head>
<body>
{plot_divs}
</body>
</html>
"""


def dvc_page() -> str:
    """The page's text, with DVC's places `{refresh_tag}` and `{plot_divs}` in it once each."""
    # The snippet is what the function does by itself; its signature wants one all the same.
    globals_ = "window.vegaEmbed = vegaEmbed; window.vegaLite = vegaLite; window.vega = vega;"
    bundle = vl_convert.javascript_bundle(globals_, vl_version=VEGA_LITE)
    assert "</script" not in bundle.lower(), "the bundle would end its own script element"
    return PAGE.replace("SCRIPTS", bundle)
