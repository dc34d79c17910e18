"""Kills trainings and breaks their disk, then asks for the same bits as if nothing had happened.

Usage: crash_check.py PROGRAM FAULTS_LIBRARY kill|fault
"""
import errno
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile

PROGRAM, FAULTS, WHAT = sys.argv[1:4]
CONFIG = """
[run]
name = "tiny"
[data]
generator = "moons"
rows = 60
validation_split = 0.2
[model]
hidden = [3]
[train]
epochs = 12
batch_size = 20
checkpoint_every_seconds = 0
[schedule]
name = "cosine"
[optimizer]
{optimizer}
[early_stopping]
patience = 4
[log]
tensorboard = {tensorboard}
"""

STARTS = """
[run]
name = "tiny"
[objective]
formula = "(x^2 + y - 11)^2 + (x + y^2 - 7)^2"
start = "random:4"
box = "-5:5"
[train]
epochs = 60
gradient_tolerance = 1e-6
checkpoint_every_seconds = 0
[optimizer]
name = "lbfgs"
"""


class Bench:
    """A config and what it leads to when nothing happens."""

    def __init__(self, config):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="descent-crash-"))
        (self.root / "c.toml").write_text(config)
        self.mark = self.root / "mark"
        self.reference = self.outcome(self.run(["train", "c.toml", "-q"]))

    def run(self, arguments, fault=None, kill_after=None):
        """(exit code, stdout, stderr); a fault is OPERATION:N:WHAT."""
        environment = dict(os.environ, LD_PRELOAD=FAULTS, DESCENT_FAULT_MARK=str(self.mark))
        if fault:
            environment["DESCENT_FAULT"] = fault
        child = subprocess.Popen([PROGRAM] + arguments, cwd=self.root, env=environment, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if kill_after is not None:
            try:
                child.wait(kill_after)
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
        out, err = child.communicate(timeout=60)
        return child.returncode, out, err

    def folder(self):
        runs = sorted((self.root / "runs").glob("*_tiny*")) if (self.root / "runs").exists() else []
        return runs[0] if runs else None

    def remove(self):
        shutil.rmtree(self.root)

    def clean(self):
        shutil.rmtree(self.root / "runs", ignore_errors=True)
        self.mark.unlink(missing_ok=True)

    def outcome(self, ran):
        """What must be the same whatever happened: rows, result and weights, but for times."""
        code, _, err = ran
        assert code == 0, err
        rows = []
        for line in (self.folder() / "metrics.jsonl").read_text().splitlines():
            event = json.loads(line)
            if event["event"] == "epoch":
                event.pop("time_s")
                rows.append(event)
        table = (self.folder() / "metrics.csv").read_text().splitlines()
        cells = [[c for i, c in enumerate(line.split(",")) if i != 2] for line in table]
        result = json.loads((self.folder() / "result.json").read_text())
        for name in ("seconds", "run"):
            result.pop(name)
        self.clean()
        return json.dumps([rows, cells, result])


def expect_parses(folder):
    """Every line of the record but perhaps the last, and no epoch missing among them."""
    path = folder / "metrics.jsonl"
    if not path.exists():
        return
    lines = path.read_text().split("\n")
    events = [json.loads(line) for line in lines[:-1]]
    epochs = [e["epoch"] for e in events if e["event"] == "epoch"]
    assert epochs == list(range(1, len(epochs) + 1)), epochs


ADAM = CONFIG.format(optimizer='name = "adam"\nlearning_rate = 0.3', tensorboard="{tensorboard}")
# Moves the weights in one pass with the gradient.
STEEPEST = CONFIG.format(optimizer="learning_rate = 0.02", tensorboard="false")


def kill_and_resume(config, trials):
    bench = Bench(config)
    operations = 0
    for n in range(50, 5000, 50):  # how many file operations a whole run has
        bench.run(["train", "c.toml", "-q"], f"any:{n}:0")
        struck = bench.mark.exists()
        bench.clean()
        if not struck:
            operations = n
            break
    assert operations, "the run never ended"
    inside = equal = resumed = 0
    for trial in range(trials):
        if trial % 2 == 0:
            what = random.choice(["kill", "half"])
            ran = bench.run(["train", "c.toml", "-q"], f"any:{random.randint(1, operations)}:{what}")
            inside += ran[0] == -signal.SIGKILL
        else:
            ran = bench.run(["train", "c.toml", "-q"], kill_after=random.uniform(0.002, 0.12))
        folder = bench.folder()
        if folder is None or not (folder / "config.toml").exists():
            bench.clean()
            ran = bench.run(["train", "c.toml", "-q"])  # nothing was begun
        else:
            expect_parses(folder)
            # A second death, in the resumed run, once in a while.
            if trial % 5 == 0:
                bench.run(["train", "--resume", str(folder), "-q"], f"any:{random.randint(1, operations)}:kill")
                expect_parses(folder)
            resumed += 1
            ran = bench.run(["train", "--resume", str(folder), "-q"])
            if ran[0] == 0:
                left = [p.name for p in folder.iterdir() if ".tmp-" in p.name]
                assert not left, left
        outcome = bench.outcome(ran)
        equal += outcome == bench.reference
        assert outcome == bench.reference, f"trial {trial}: {outcome}\n{bench.reference}"
    print(f"{trials} kills, {inside} of them inside a file operation, {resumed} resumed: {equal} bit-identical")
    assert inside >= trials * 0.4
    bench.remove()


def expect_a_checkpoint_that_loads(folder):
    found = [folder / name for name in ("last.safetensors", "last.previous.safetensors") if (folder / name).exists()]
    for path in found:
        code = subprocess.run([PROGRAM, "inspect", str(path)], capture_output=True).returncode
        assert code == 0, f"{path} does not load"
    return found


def break_and_resume():
    bench = Bench(ADAM.format(tensorboard="false"))
    total = loaded = 0
    for operation in ("open", "write", "sync", "rename", "link", "shorten"):
        whats = [str(errno.ENOSPC), f"{errno.EIO}", f"{errno.ENOSPC}+"] + (["short"] if operation == "write" else [])
        for what in whats:
            n = 0
            while True:
                n += 1 if n < 12 else 1 + n // 6
                code, out, err = bench.run(["train", "c.toml", "-q"], f"{operation}:{n}:{what}")
                if not bench.mark.exists():
                    bench.clean()
                    break
                total += 1
                place = f"{operation} {n} {what}: exit {code}, stderr {err!r}"
                if what == "short":  # no failure: the rest follows
                    assert bench.outcome((code, out, err)) == bench.reference, place
                    continue
                assert code == 1, place
                assert "error: " in err and ("No space left" in err or "Input/output error" in err), place
                folder = bench.folder()
                begun = folder is not None and (folder / "metrics.jsonl").exists() and \
                    '"event":"epoch"' in (folder / "metrics.jsonl").read_text()
                if begun:
                    assert "train " in out and "accuracy" in out, f"no result on stdout: {place}"
                if folder is not None and (folder / "config.toml").exists():
                    loaded += len(expect_a_checkpoint_that_loads(folder)) > 0
                    assert bench.outcome(bench.run(["train", "--resume", str(folder), "-q"])) == bench.reference, place
                else:
                    bench.clean()
    print(f"{total} faults: all told, {loaded} left checkpoints, all of which load and go on")
    assert total > 100, total
    bench.remove()


if WHAT == "kill":
    random.seed(1)
    kill_and_resume(ADAM.format(tensorboard="true"), 100)
    kill_and_resume(STEEPEST, 100)
    kill_and_resume(STARTS, 100)
else:
    break_and_resume()
