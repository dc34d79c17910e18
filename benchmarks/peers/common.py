"""What the Python peers share: arguments, data, the clock.

A peer is a program that takes a workload as arguments (`epochs --list` writes them), trains it for some
seconds, and prints one JSON line. With --first-epoch it prints a line after one epoch and stops; with
--version it prints what it is and stops.
"""
import argparse
import json
import statistics
import sys
import time


def arguments(variants=()):
    parser = argparse.ArgumentParser()
    parser.add_argument("--workload", required=True)
    parser.add_argument("--layers", required=True, type=lambda s: [int(n) for n in s.split("-")])
    parser.add_argument("--activation", required=True, choices=["relu", "tanh"])
    parser.add_argument("--rows", required=True, type=int)
    parser.add_argument("--batch", required=True, type=int)
    parser.add_argument("--loss", required=True, choices=["cross_entropy", "squared_error"])
    parser.add_argument("--gamma", required=True, type=float)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--first-epoch", action="store_true")
    if variants:
        parser.add_argument("--variant", required=True, choices=variants)
    args = parser.parse_args()
    args.classes = args.loss == "cross_entropy"
    args.whole = args.batch >= args.rows
    return args


def answer_version(version):
    """For --version, which needs no workload: imports the library and says which one it is."""
    if "--version" in sys.argv:
        print(json.dumps({"version": version()}))
        sys.exit(0)


def data(args):
    """Standard normal inputs; random classes (N), or standard normal targets (N, K)."""
    import numpy as np
    rng = np.random.default_rng(1)
    x = rng.standard_normal((args.rows, args.layers[0]), dtype=np.float32)
    if args.classes:
        return x, rng.integers(0, args.layers[-1], args.rows)
    return x, rng.standard_normal((args.rows, args.layers[-1]), dtype=np.float32)


def start(args):
    """Weights (I, O) and biases (O) of every layer: Glorot's uniform range."""
    import numpy as np
    rng = np.random.default_rng(2)
    layers = []
    for i, o in zip(args.layers, args.layers[1:]):
        limit = (6 / (i + o)) ** 0.5
        layers.append((rng.uniform(-limit, limit, (i, o)).astype(np.float32), np.zeros(o, np.float32)))
    return layers


def peak_rss_mb():
    """The largest the process was: VmHWM, which does not count the parent it was forked from."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def report(args, version, durations):
    """Seconds of the epochs after the warm-up."""
    print(json.dumps({"version": version, "workload": args.workload, "epochs": len(durations),
                      "ms_per_epoch": statistics.median(durations) * 1e3, "ms_per_epoch_min": min(durations) * 1e3,
                      "peak_rss_mb": round(peak_rss_mb(), 1)}), flush=True)


def say_first_epoch(loss):
    print(json.dumps({"first_epoch": 1, "loss": float(loss)}), flush=True)


class Watch:
    """tick(loss) at the end of every epoch; true when it is time to stop. Epochs of the warm-up do not count."""

    WARM_UP, FEWEST = 2, 3

    def __init__(self, args):
        self.args, self.durations, self.seen = args, [], 0
        self.begin = self.last = time.perf_counter()

    def tick(self, loss):
        now = time.perf_counter()
        if not abs(loss) < float("inf"):
            sys.exit(f"{self.args.workload}: the loss is {loss}")
        self.seen += 1
        if self.args.first_epoch:
            say_first_epoch(loss)
            return True
        if self.seen <= self.WARM_UP:
            self.begin = now  # whatever is compiled on first use is over
        else:
            self.durations.append(now - self.last)
        done = len(self.durations) >= self.FEWEST and now - self.begin > self.args.seconds
        self.last = time.perf_counter()
        return done


def run(args, version, epoch):
    """Calls epoch(), one pass that returns the running loss, until the time is over."""
    watch = Watch(args)
    while not watch.tick(epoch()):
        pass
    if not args.first_epoch:
        report(args, version, watch.durations)
