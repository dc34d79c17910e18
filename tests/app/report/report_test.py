"""Opens reports in headless Chromium and uses them as people do.

Usage: report_test.py DESCENT_PROGRAM SOURCE_TREE [FOLDER_FOR_SCREENSHOTS]
"""
import glob
import json
import pathlib
import random
import subprocess
import sys
import tempfile

from browser import Browser

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
SHOTS = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
HOSTILE = "</script><script>window.hacked=1</script>"
IMAGE = "<img src=x onerror=window.hacked=2>"
failures = []


def check(what, condition, *details):
    if not condition:
        failures.append(what)
        print("FAILED:", what, *details)


def descent(*arguments, codes=(0,)):
    ran = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)
    if ran.returncode not in codes:
        raise SystemExit(f"descent {' '.join(arguments)}: {ran.returncode}\n{ran.stderr}")
    return ran


def train(folder, config, *settings):
    before = set(glob.glob(f"{folder}/runs/*"))
    descent("train", str(config), "-q", "--set", f"run.out_dir={folder}/runs", *settings)
    return (set(glob.glob(f"{folder}/runs/*")) - before).pop()


def rows_of(run):
    return [event for event in map(json.loads, open(run + "/metrics.jsonl")) if event["event"] == "epoch"]


def is_quiet_and_offline(page, path):
    check("the console is silent", page.complaints() == [], page.complaints())
    check("no request leaves the page", page.requests() == [path.resolve().as_uri()], page.requests())
    check("the page was made", page.evaluate("document.documentElement.dataset.ready") == "yes")
    check("nothing is wider than the window",
          page.evaluate("document.documentElement.scrollWidth <= innerWidth"),
          page.evaluate("[document.documentElement.scrollWidth, innerWidth]"))


def ink(page, chart):
    """Pixels of a chart in the colour of its first curve."""
    return page.evaluate("""(name => { const c = document.querySelector('#chart-' + name + ' canvas');
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        let n = 0;
        for (let i = 0; i < d.length; i += 4) n += d[i + 3] > 200 && d[i] < 30 && Math.abs(d[i + 1] - 114) < 30 &&
            Math.abs(d[i + 2] - 178) < 30;
        return n; })""" + f"({json.dumps(chart)})")


def at_every_width(browser, path):
    for width, dark in ((1280, False), (390, False), (390, True)):
        page = browser.open(path, width=width, dark=dark)
        is_quiet_and_offline(page, path)
        check("dark pages are dark", dark == (page.evaluate(
            "getComputedStyle(document.documentElement).backgroundColor") == "rgb(22, 24, 27)"))
        if SHOTS:
            page.screenshot(SHOTS / f"{path.stem}-{width}{'-dark' if dark else ''}.png")


def curves_of_one_run(browser, folder):
    run = train(folder, SOURCE / "examples/sine.toml", "--set", "train.epochs=60")
    descent("report", run)
    path = pathlib.Path(run, "report.html")
    at_every_width(browser, path)
    page = browser.open(path)
    rows = rows_of(run)
    charts = page.evaluate("report.charts.map(c => [c.chart.name, c.graph.numRows(), c.graph.numColumns()])")
    check("loss, metric, gradient norm and rate are there", [c[0] for c in charts] == ["loss", "metric", "grad_norm", "lr"],
          charts)
    check("every epoch is a point", all(c[1] == len(rows) == 60 for c in charts), charts)
    check("the curve is the record", all(abs(page.evaluate(f"report.charts[0].graph.getValue({i}, 1)") -
          rows[i]["train_loss"] / 120) < 1e-6 for i in (0, 30, 59)))
    check("curves are drawn", all(ink(page, name) > 200 for name in ("loss", "grad_norm", "lr")),
          [ink(page, name) for name in ("loss", "grad_norm", "lr")])

    before = page.evaluate("report.charts[1].graph.attributes_.getForAxis('logscale', 0)")
    page.click("#chart-metric button")
    after = page.evaluate("report.charts[1].graph.attributes_.getForAxis('logscale', 0)")
    check("the log switch switches", before is False and after is True and page.evaluate(
        "document.querySelector('#chart-metric button').getAttribute('aria-pressed')") == "true", before, after)

    page.click("#chart-loss input[type=checkbox]")
    check("a curve can be switched off", page.evaluate("report.charts[0].graph.visibility()") == [False, True])
    page.click("#chart-loss input[type=checkbox]")

    box = page.evaluate("""(() => { const e = document.querySelector('#chart-loss .canvas'); e.scrollIntoView({block: 'center'});
        const r = e.getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })()""")
    page.move(box[0] + box[2] * 0.5, box[1] + box[3] * 0.5)
    shown = page.evaluate("[document.querySelector('#chart-loss .at').textContent, "
                          "document.querySelector('#chart-loss .value').textContent]")
    epoch = int(shown[0].split()[1])
    check("hovering shows the values of the place", 20 < epoch < 40 and
          abs(float(shown[1].replace("e−", "e-")) - rows[epoch - 1]["train_loss"] / 120) < 1e-4, shown)

    page.evaluate("document.querySelector('#chart-loss input[type=range]').focus()")
    page.key("Home")
    text = page.evaluate("document.querySelector('#chart-loss input[type=range]').getAttribute('aria-valuetext')")
    check("the keyboard reads values", text.startswith("epoch 1: training "), text)
    page.evaluate("document.querySelector('#chart-loss').querySelectorAll('button')[1].click()")
    zoomed = page.evaluate("report.charts[0].graph.xAxisRange()")
    page.evaluate("document.querySelector('#chart-loss').querySelectorAll('button')[3].click()")
    whole = page.evaluate("report.charts[0].graph.xAxisRange()")
    check("zoom in and all", zoomed[1] - zoomed[0] < 0.6 * (whole[1] - whole[0]), zoomed, whole)
    check("every control has a name", page.evaluate("""[...document.querySelectorAll('button, input')].every(e =>
        e.offsetParent === null || e.textContent.trim() || e.getAttribute('aria-label') || e.closest('label'))"""))
    check("every section has its heading in the contents", page.evaluate("""[...document.querySelectorAll('nav a')].every(a =>
        document.querySelector(a.getAttribute('href')).querySelector('h2').textContent === a.textContent)"""))
    return run


def several_runs(browser, folder, first):
    second = train(folder, SOURCE / "examples/sine.toml", "--set", "train.epochs=40", "--set", "optimizer.learning_rate=0.02")
    path = pathlib.Path(folder, "several.html")
    descent("report", first, second, "-o", str(path))
    at_every_width(browser, path)
    page = browser.open(path)
    check("only differences are shown", page.evaluate(
        "[...document.querySelectorAll('#config tbody tr')].filter(r => r.offsetHeight > 0).map(r => r.cells[0].textContent)")
        == ["train.epochs", "optimizer.learning_rate"])
    page.click("#settings input[type=checkbox]")
    check("and all settings when asked for", page.evaluate(
        "[...document.querySelectorAll('#config tbody tr')].filter(r => r.offsetHeight > 0).length") > 40)
    check("four curves of loss", page.evaluate("report.charts[0].graph.numColumns()") == 5)
    third = train(folder, SOURCE / "examples/sine.toml", "--set", "train.epochs=20")
    path = pathlib.Path(folder, "three.html")
    descent("report", first, second, third, "-o", str(path))
    check("no table of a summary is cut", browser.open(path).evaluate(
        "[...document.querySelectorAll('.card .scroll')].filter(t => t.scrollWidth > t.clientWidth).length") == 0)


def hostile_names(browser, folder):
    draw = random.Random(1)
    with open(f"{folder}/{IMAGE.replace('/', '')}.csv", "w") as file:
        print(f'"{HOSTILE}","{{{{data}}}}",kind', file=file)
        for i in range(60):
            kind = i % 3
            print(f'{kind + draw.random()},{draw.random()},"{[HOSTILE, IMAGE, "-->&amp;"][kind]}"', file=file)
    config = pathlib.Path(folder, "hostile.toml")
    config.write_text(f"[data]\npath = '{folder}/{IMAGE.replace('/', '')}.csv'\ntest_split = 0.3\n[train]\nepochs = 5\n")
    run = train(folder, config, "--set", f"run.name={HOSTILE.replace('/', '')}")
    with open(run + "/tune.csv", "w") as file:
        print(f'learning_rate,loss,"{HOSTILE}"', file=file)
        for rate in (0.001, 0.01, 0.1, 1):
            print(f"{rate},{1 / rate},{IMAGE}", file=file)
    result = json.load(open(run + "/result.json"))
    result["verdict"] = f"{HOSTILE}{IMAGE}"
    json.dump(result, open(run + "/result.json", "w"))
    path = pathlib.Path(folder, "hostile.html")
    descent("report", run, "-o", str(path))
    at_every_width(browser, path)
    page = browser.open(path)
    check("a hostile name runs nothing", page.evaluate("typeof window.hacked") == "undefined")
    check("and makes no element", page.evaluate("document.querySelectorAll('img').length") == 0)
    check("but stands there as it is", page.evaluate("document.querySelector('#confusion').textContent").count(HOSTILE) >= 2)
    check("a column name too", HOSTILE in page.evaluate("document.querySelector('#samples').textContent"))
    check("the verdict too", page.evaluate("document.querySelector('.verdict').textContent") == HOSTILE + IMAGE)
    check("a sweep has a curve", page.evaluate("report.charts.at(-1).graph.numRows()") == 4 and ink(page, "sweep") > 200)
    sweep = pathlib.Path(folder, "sweep")
    sweep.mkdir()
    (sweep / "tune.csv").write_text("gamma,change,best_loss\n0.1,a=1,3\n1,a=1,2\n0.1,a=2,5\n10,a=2,4\n")
    (sweep / "result.json").write_text('{"recommended": 1, "reason": "it was first"}')
    path = pathlib.Path(folder, "sweep.html")
    descent("report", str(sweep), "-o", str(path))
    page_of_sweep = browser.open(path)
    graph = page_of_sweep.evaluate("[report.charts[0].graph.numRows(), report.charts[0].graph.numColumns()]")
    check("a sweep has a curve for each change over all rates", graph == [3, 3], graph)
    summary = page_of_sweep.evaluate("document.querySelector('#summary').textContent")
    check("and says what it recommends", "Learning rate 1" in summary and "It was first." in summary, summary)
    page = browser.open(pathlib.Path(folder, "hostile.html"))
    check("the policy stops a script that would come in", page.evaluate("""(() => { const s = document.createElement('script');
        s.textContent = 'window.hacked = 3'; document.body.append(s); return typeof window.hacked; })()""") == "undefined")


def formulas(browser, folder):
    path = pathlib.Path(folder, "formula.html")
    descent("minimize", "(x^2+y-11)^2+(x+y^2-7)^2", "--start", "x=0,y=0", "--learning-rate", "0.01", "--report", str(path))
    at_every_width(browser, path)
    page = browser.open(path)
    steps = page.evaluate("report.contour.last")
    check("the path ends at the minimum", page.evaluate("report.contour.text.textContent").startswith(
        f"step {steps} of {steps}: x = 3, y = 2,"), page.evaluate("report.contour.text.textContent"))
    page.evaluate("document.querySelector('#scene input[type=range]').focus()")
    page.key("Home")
    check("the slider goes to the start", page.evaluate("report.contour.text.textContent").startswith(
        f"step 0 of {steps}: x = 0, y = 0, f = 170"), page.evaluate("report.contour.text.textContent"))
    start = page.evaluate("report.contour.here.getAttribute('cx')")
    page.key("ArrowRight")
    check("and step by step", page.evaluate("report.contour.text.textContent").startswith("step 1 of ") and
          page.evaluate("report.contour.here.getAttribute('cx')") != start)
    check("contours are there", page.evaluate("report.contour.scene.bands.length") >= 10)
    for name, formula, start in (("line", "x^4-3x^2+x", "x=2"), ("space", "x^2+2y^2+z^2", "x=1,y=1,z=1")):
        path = pathlib.Path(folder, name + ".html")
        descent("minimize", formula, "--start", start, "--learning-rate", "0.05", "--report", str(path))
        at_every_width(browser, path)


with tempfile.TemporaryDirectory() as folder, Browser() as browser:
    first = curves_of_one_run(browser, folder)
    several_runs(browser, folder, first)
    hostile_names(browser, folder)
    formulas(browser, folder)
print("\n".join(failures) if failures else "the report does what it says")
sys.exit(1 if failures else 0)
