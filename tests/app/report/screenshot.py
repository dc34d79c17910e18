"""Pictures of a page for people.

screenshot.py PAGE.html PREFIX             the whole page: PREFIX-1280.png, PREFIX-390.png and PREFIX-dark.png
screenshot.py PAGE.html PREFIX --window    what a window of 1000 × 1100 pixels shows of it: PREFIX.png
"""
import sys

from browser import Browser

SIZES = (("", 1000, False),) if "--window" in sys.argv else (("-1280", 1280, False), ("-390", 390, False),
                                                             ("-dark", 1280, True))
with Browser() as browser:
    for suffix, width, dark in SIZES:
        page = browser.open(sys.argv[1], width=width, height=1100, dark=dark)
        page.screenshot(f"{sys.argv[2]}{suffix}.png", window="--window" in sys.argv)
        for complaint in page.complaints():
            print(complaint[:300])
