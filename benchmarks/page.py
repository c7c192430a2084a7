"""Time to compute a heatmap in the built book's explorer, time to first paint, and download sizes of pages.

Build the book first. A headless Chromium opens the first page from a server on the loopback interface,
each time with an empty cache, and then each chapter, whose figures are all drawn. The heatmap is computed for
the explorer's first network, in one thread. Pictures of the camera are those of Chromium's artificial one.
"""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import statistics
import threading
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import sync_playwright

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
FIRST = "() => performance.getEntriesByName('heatmap').length > 0"
LOADED = """() => [performance.getEntriesByType('navigation')[0], ...performance.getEntriesByType('resource')]
  .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""
REPEATED = """async repeats => {
  const { explorer } = document.querySelector(".faceinv-explorer");
  await explorer.settled;
  const network = await explorer.source.open(0, explorer.choice);
  const times = [];
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    await network.explain(explorer.state.image, i % 2);
    times.push(performance.now() - start);
  }
  return times;
}"""

PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
PICTURES = """async seconds => {
  const host = document.querySelector(".faceinv-explorer");
  let count = 0;
  host.addEventListener("explained", () => (count += 1));
  await new Promise(resolve => setTimeout(resolve, 1000 * seconds));
  return count / seconds;
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A file server that does not log requests."""

    def log_message(self, *_: object) -> None:
        pass


def measure(home: str, browser: Any, repeats: int) -> dict[str, float]:
    """Open the first page once, with an empty cache, and return the measurements."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{home}/book/index.html")
    page.wait_for_function(FIRST, timeout=60_000)
    result = {
        "heatmap_ms": statistics.median(page.evaluate(REPEATED, repeats)),
        "first_heatmap_ms": page.evaluate("() => performance.getEntriesByName('heatmap')[0].startTime"),
        "front_page_mb": page.evaluate(LOADED) / 1e6,
        "front_page_first_paint_ms": page.evaluate(PAINTED),
    }
    page.get_by_role("button", name="Use the camera").click()
    page.wait_for_function("() => !document.querySelector('.fx-align').hidden")
    result["camera_pictures_per_s"] = page.evaluate(PICTURES, 3)
    context.close()
    return result


def measure_chapter(address: str, browser: Any) -> tuple[float, float]:
    """Open a chapter with an empty cache; return the milliseconds to its first paint, and its megabytes."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address)
    page.evaluate("() => window.faceinvDrawAll?.()")
    found = page.evaluate(PAINTED), page.evaluate(LOADED) / 1e6
    context.close()
    return found


@click.command(help=__doc__)
@click.option(
    "--site",
    default="_build/html",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The built book.",
)
@click.option("--rounds", default=5, show_default=True, help="Number of times that the page is opened.")
@click.option("--repeats", default=40, show_default=True, help="Number of heatmaps each time.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def main(site: Path, rounds: int, repeats: int, as_json: bool) -> None:
    if not (site / "_static" / "explorer" / "index.json").is_file():
        raise click.UsageError(f"there is no book with an explorer in {site}; build it with: faceinv book")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        raise click.UsageError("Chromium is not installed")
    handler = functools.partial(Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = f"http://127.0.0.1:{server.server_port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=OPTIONS)
        seen = [measure(home, browser, repeats) for _ in range(rounds)]
        pages = sorted((site / "book" / "chapters").glob("*.html"))
        chapters = [measure_chapter(f"{home}/book/chapters/{page.name}", browser) for page in pages]
        browser.close()
    server.shutdown()
    result = {name: round(statistics.median(each[name] for each in seen), 2) for name in seen[0]}
    if chapters:
        paints, sizes = zip(*chapters, strict=True)
        result |= {"chapter_first_paint_ms": round(max(paints), 2), "chapter_mb": round(max(sizes), 2)}
    if as_json:
        click.echo(json.dumps(result))
    else:
        for name, value in result.items():
            click.echo(f"{name:<26} {value}")


if __name__ == "__main__":
    main()
