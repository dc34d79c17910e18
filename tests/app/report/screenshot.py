"""Pictures of a page for people: screenshot.py PAGE.html PREFIX makes PREFIX-1280.png, -390.png and -dark.png."""
import sys

from browser import Browser

with Browser() as browser:
    for suffix, width, dark in (("1280", 1280, False), ("390", 390, False), ("dark", 1280, True)):
        page = browser.open(sys.argv[1], width=width, dark=dark)
        page.screenshot(f"{sys.argv[2]}-{suffix}.png")
        for complaint in page.complaints():
            print(complaint[:300])
        print(page.requests(), page.evaluate("document.documentElement.scrollWidth"))
