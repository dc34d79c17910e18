"""Turns the measurements of `compare` into Markdown tables and one SVG picture."""
import math
import os
import platform


def number(x):
    """Three significant digits, without an exponent."""
    if x is None:
        return "–"
    if x == 0:
        return "0"
    return f"{x:.{max(0, 2 - math.floor(math.log10(abs(x))))}f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]) + "\n"


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            name = next(line.split(":", 1)[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.machine()
    return f"{name}, {os.cpu_count()} processors, {platform.system()}"


def best(records, key):
    """The best of the rounds: for a median the quietest round, for a minimum the fastest epoch of all."""
    values = [r[key] for r in records or () if key in r]
    return min(values) if values else None


def epochs(workloads, names, results, settings):
    """results[name][workload]: one record a round. The first name is ours."""
    ours = names[0]
    head = [""] + list(workloads)
    out = [f"Milliseconds an epoch: the best round's median, and the fastest epoch of all. {settings}\n"]
    for key, title in (("ms_per_epoch", "median, ms"), ("ms_per_epoch_min", "minimum, ms")):
        rows = [[name] + [number(best(results[name].get(w), key)) for w in workloads] for name in names]
        out.append(table([title] + head[1:], rows))
    out.append(f"How many times as long as {ours} they take, by medians / by minima:\n")
    rows = []
    for name in names[1:]:
        cells = []
        for w in workloads:
            pair = []
            for key in ("ms_per_epoch", "ms_per_epoch_min"):
                a, b = best(results[name].get(w), key), best(results[ours].get(w), key)
                pair.append(number(a / b if a and b else None))
            cells.append(" / ".join(pair))
        rows.append([name] + cells)
    if rows:
        out.append(table(["ratio"] + head[1:], rows))

    peak = max((r["peak_gflops"] for rs in results[ours].values() for r in rs), default=None)
    if peak:
        vectors = next(r["vectors"] for rs in results[ours].values() for r in rs)
        out.append(f"Percent of the multiply-add peak, {number(peak)} GFLOP/s ({vectors}, measured between the epochs of "
                   "this run), by the fastest epoch:\n")
        rows = []
        for name in names:
            cells = []
            for w, spec in workloads.items():
                fastest = best(results[name].get(w), "ms_per_epoch_min")
                cells.append(number(100 * spec["operations"] / (fastest * 1e-3) * 1e-9 / peak if fastest else None))
            rows.append([name] + cells)
        at_clock = {w: [r["percent_at_clock"] for r in results[ours].get(w, []) if r.get("percent_at_clock")]
                    for w in workloads}
        if any(at_clock.values()):
            rows.insert(1, [f"{ours}, at its clock"] + [number(max(at_clock[w], default=None)) for w in workloads])
        out.append(table(["% of peak"] + head[1:], rows))
        if any(at_clock.values()):
            out.append("\"At its clock\": of the peak that was read right after an epoch, before the processor had changed "
                       "its clock; it lowers it for products more than for the loop of the peak.\n")
    return "\n".join(out)


def losses(workloads, names, results):
    """Where a peer is ahead, in words: the reader should not have to search for it."""
    ours, out = names[0], []
    for w in workloads:
        for name in names[1:]:
            for key, what in (("ms_per_epoch", "median"), ("ms_per_epoch_min", "minimum")):
                a, b = best(results[name].get(w), key), best(results[ours].get(w), key)
                if a and b and a < b:
                    out.append(f"- {w}: {name} is {number(b / a)} times as fast ({what} {number(a)} against {number(b)} ms).")
    return out


def smaller(what, unit, rows):
    """The peers whose first figure is below that of the first row, ours."""
    figures = [(row[0], float(row[1])) for row in rows if row[1] != "–"]
    if not figures or figures[0][0] != rows[0][0]:
        return []
    return [f"- {what}: {name} takes {number(value)} {unit}, {number(figures[0][1] / value)} times less than our "
            f"{number(figures[0][1])}." for name, value in figures[1:] if value < figures[0][1]]


COLOURS = ["#0b6e4f", "#c1440e", "#e58e26", "#8c6bb1", "#3b75af", "#7a7a7a", "#a0522d", "#d46a9f", "#5f9ea0", "#b8a038"]


def picture(workloads, names, results):
    """Bars of the medians, grouped by workload, on a logarithmic axis."""
    values = {(w, n): best(results[n].get(w), "ms_per_epoch") for w in workloads for n in names}
    known = [v for v in values.values() if v]
    low, high = math.floor(math.log10(min(known)) - 0.05), math.ceil(math.log10(max(known)))
    bar, gap, left, top, tall = 13, 22, 60, 64, 300
    group = bar * len(names) + gap
    wide = left + group * len(workloads) + 20
    columns = max(1, (wide - left) // 170)
    top += 18 * ((len(names) - 1) // columns)

    def y(v):
        return top + tall * (high - math.log10(v)) / (high - low)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {top + tall + 40}" width="{wide}" '
           f'height="{top + tall + 40}" font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="white"/>',
           f'<text x="{left}" y="20" font-size="15">Milliseconds an epoch (median, logarithmic; shorter is better)</text>']
    for i, name in enumerate(names):
        x, line = left + 170 * (i % columns), 42 + 18 * (i // columns)
        out.append(f'<rect x="{x}" y="{line - 10}" width="11" height="11" fill="{COLOURS[i % len(COLOURS)]}"/>'
                   f'<text x="{x + 16}" y="{line}">{name}</text>')
    for e in range(low, high + 1):
        out.append(f'<line x1="{left}" x2="{wide - 10}" y1="{y(10 ** e):.1f}" y2="{y(10 ** e):.1f}" stroke="#ccc"/>'
                   f'<text x="{left - 6}" y="{y(10 ** e) + 4:.1f}" text-anchor="end">{10 ** e:g}</text>')
    for g, w in enumerate(workloads):
        x = left + gap / 2 + group * g
        out.append(f'<text x="{x + bar * len(names) / 2:.1f}" y="{top + tall + 18}" text-anchor="middle">{w}</text>')
        for i, name in enumerate(names):
            v = values[w, name]
            if v:
                out.append(f'<rect x="{x + bar * i:.1f}" y="{y(v):.1f}" width="{bar - 2}" '
                           f'height="{top + tall - y(v):.1f}" fill="{COLOURS[i % len(COLOURS)]}">'
                           f"<title>{w}, {name}: {number(v)} ms</title></rect>")
    return "\n".join(out) + "\n</svg>\n"
