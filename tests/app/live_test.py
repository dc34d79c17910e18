"""What a terminal shows while a training runs, and while another watches it.

Usage: live_test.py DESCENT_PROGRAM SOURCE_TREE
"""
import glob
import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
STATUS = re.compile(r"\r\x1b\[K(epoch \d+/\d+ [^\r\n\x1b]*)")
failures = []


def check(what, condition, *details):
    if not condition:
        failures.append(what)
        print("FAILED:", what, *details)


class Terminal:
    """A program on a terminal of its own, `columns` wide."""

    def __init__(self, arguments, columns):
        environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm"}
        environment.pop("NO_COLOR", None)
        ours, theirs = pty.openpty()
        self.process = subprocess.Popen([PROGRAM, *arguments], stdin=theirs, stdout=theirs, stderr=theirs,
                                        env=environment, start_new_session=True)
        os.close(theirs)
        self.terminal, self.text = ours, b""

    def read(self, until=None):
        """Everything up to the end, or until the text holds `until`."""
        deadline = time.monotonic() + 60
        while until is None or until not in self.text.decode(errors="replace"):
            if time.monotonic() > deadline:
                raise SystemExit(f"nothing like {until!r} in {self.text!r}")
            if not select.select([self.terminal], [], [], 1)[0]:
                continue
            try:
                piece = os.read(self.terminal, 1 << 16)
            except OSError:  # the other side was closed
                break
            if not piece:
                break
            self.text += piece
        return self.text.decode()

    def end(self):
        self.read()
        os.close(self.terminal)
        return self.process.wait()


def slow_training(folder, *settings):
    config = pathlib.Path(folder, "slow.toml")
    config.write_text(f"""[data]
path = "{SOURCE}/datasets/digits.csv.gz"
target = "digit"
[model]
hidden = [256, 256]
[train]
loss = "cross_entropy"
[optimizer]
learning_rate = 0.0005
""")
    return ["train", str(config), "--color", "never", "--set", f"run.out_dir={folder}/runs",
            *(word for setting in settings for word in ("--set", setting))]


def status_line(folder):
    terminal = Terminal(slow_training(folder, "train.epochs=100000", "log.every=40", "train.max_seconds=2.5"), 70)
    check("training ends well", terminal.end() == 0)
    text = terminal.text.decode()
    shown = STATUS.findall(text)
    check("a status line is drawn", len(shown) >= 3, text[-500:])
    check("within the width", all(len(line) <= 69 for line in shown), max(shown, key=len))
    check("with epoch, loss, curve, rate and time left", all(
        re.search(r"^epoch \d+/100000  L/N \S+ [▁-█ ]+  .*(epochs/s|an epoch)  .* left$", line) for line in shown[1:]), shown[-1])
    # A line of the table may follow the status only after the line was cleared.
    check("log lines do not stand behind it", not re.search(r"left(?!\r\x1b\[K)", text), text[-500:])
    log = open(glob.glob(f"{folder}/runs/*/train.log")[0]).read()
    check("the log file has none of it", "left" not in log and "\x1b" not in log)


def watching(folder):
    training = subprocess.Popen([PROGRAM, *slow_training(folder, "train.epochs=100000", "train.max_seconds=3"), "-q"],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    runs = set()
    while not runs:
        runs = {path for path in glob.glob(f"{folder}/runs/*") if os.path.exists(path + "/metrics.jsonl")}
        time.sleep(0.05)
    run = runs.pop()
    interrupted = Terminal(["watch", run], 60)
    interrupted.read(until="epochs/s")
    interrupted.process.send_signal(signal.SIGINT)
    check("Ctrl-C ends watching", interrupted.end() == 130)
    watcher = Terminal(["watch", run], 60)
    check("watching ends with the run", watcher.end() == 0)
    training.wait()
    text = watcher.text.decode()
    check("with its sentence", "time budget" in text.splitlines()[-1] or "seconds" in text.splitlines()[-1], text[-300:])
    check("the chart is drawn over the last one", len(re.findall(r"\x1b\[\d+A\r\x1b\[J", text)) >= 3)
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
    check("within the width", all(len(line.strip("\r")) <= 60 for line in plain.splitlines()[:-1]),
          max(plain.splitlines()[:-1], key=len))
    check("in colour", "\x1b[34m" in text)


def watching_a_formula(folder):
    config = pathlib.Path(folder, "hill.toml")
    config.write_text("""[objective]
formula = "3 - x^2"
start = "1"
maximize = true
[optimizer]
name = "momentum"
learning_rate = 0.1
[train]
epochs = 20
""")
    subprocess.run([PROGRAM, "train", str(config), "-q", "--set", f"run.out_dir={folder}/runs"], check=True,
                   stdout=subprocess.DEVNULL)
    run = glob.glob(f"{folder}/runs/*")[0]
    rows = [json.loads(line) for line in open(run + "/metrics.jsonl")]
    best = max((row for row in rows if row["event"] == "epoch"), key=lambda row: row["train_loss"])["epoch"]
    watcher = Terminal(["watch", run], 60)
    check("watching a formula ends", watcher.end() == 0)
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", watcher.text.decode())
    check("its curve is that of f", re.search(r"epoch 20/20  f \S+ ", plain) and "L/N" not in plain, plain)
    check("the best f is the highest", best < 20 and f"best epoch: {best}\r" in plain, plain)


for part in (status_line, watching, watching_a_formula):
    with tempfile.TemporaryDirectory() as folder:
        part(folder)
print("\n".join(failures) if failures else "terminals show what they should")
sys.exit(1 if failures else 0)
