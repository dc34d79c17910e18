"""Reads what runs leave behind with readers that are not ours, and compares them with each other.

metrics.csv by the csv module and awk (and pandas, where it is installed), metrics.jsonl by the json module and SQLite, the
events by a reader of their format below (and by TensorBoard itself, where it is installed).

Usage: record_check.py PROGRAM
"""
import csv
import json
import math
import pathlib
import sqlite3
import struct
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(path):
    data, at = path.read_bytes(), 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        (check,) = struct.unpack_from("<I", data, at + 8)
        assert check == masked(data[at:at + 8]), f"{path}: wrong checksum of a length"
        message = data[at + 12:at + 12 + length]
        (check,) = struct.unpack_from("<I", data, at + 12 + length)
        assert len(message) == length and check == masked(message), f"{path}: wrong checksum of a message"
        yield message
        at += 16 + length


def fields(message):
    """(number, value) of a protobuf message; a varint is an int, all else is bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = varint()
        kind = key & 7
        if kind == 0:
            yield key >> 3, varint()
            continue
        size = {1: 8, 5: 4}.get(kind) or varint()
        yield key >> 3, message[at:at + size]
        at += size


def one(message, number, default=None):
    return dict(fields(message)).get(number, default)


def scalars(folder):
    """{tag: {step: value}} of all event files, in the order of their names."""
    found = {}
    for path in sorted(folder.glob("*tfevents*")):
        all_records = list(records(path))
        assert one(all_records[0], 3) == b"brain.Event:2"
        assert one(one(all_records[0], 10), 1) == b"descent"
        for message in all_records[1:]:
            step = one(message, 2, 0)
            if one(message, 7) is not None:  # a restart: later steps are void
                for values in found.values():
                    for later in [s for s in values if s >= step]:
                        del values[later]
                continue
            for number, value in fields(one(message, 5)):
                assert number == 1
                if one(value, 2) is None:  # settings
                    continue
                tag = one(value, 1).decode()
                (scalar,) = struct.unpack("<f", one(value, 2))
                found.setdefault(tag, {})[step] = scalar
    return found


def hyper_parameters(folder):
    for path in folder.glob("*tfevents*"):
        for message in list(records(path))[1:]:
            value = one(one(message, 5), 1)
            if one(value, 1) == b"_hparams_/session_start_info":
                start = one(one(one(one(value, 9), 1), 2), 3)
                return {one(e, 1).decode(): next(fields(one(e, 2)))[1] for n, e in fields(start) if n == 1}
    return None


def same(a, b):
    return a == b or (math.isnan(a) and math.isnan(b))


def as_float32(x):
    try:
        return struct.unpack("<f", struct.pack("<f", x))[0]
    except OverflowError:
        return math.copysign(math.inf, x)


def strict(line):
    """JSON without the words for what is not finite, which Python takes and others refuse."""
    def refuse(word):
        raise AssertionError(f"{word} is no JSON")
    return json.loads(line, parse_constant=refuse)


def check_run(run, epochs):
    start, *rest = [strict(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert start["event"] == "start" and rest[-1]["event"] == "end"
    rows = [e for e in rest if e["event"] == "epoch"]
    assert [r["epoch"] for r in rows] == list(range(1, epochs + 1))
    with open(run / "metrics.csv", newline="") as file:
        table = list(csv.DictReader(file))
    assert list(table[0]) == start["columns"]
    assert len(table) == len(rows)
    split = subprocess.run(["awk", "-F,", "-v", "OFS=\t", "{ $1 = $1; print }", run / "metrics.csv"],
                           capture_output=True, text=True, check=True).stdout.splitlines()
    assert [line.split("\t") for line in split] == [start["columns"]] + [list(cells.values()) for cells in table]
    sqlite = sqlite3.connect(":memory:")
    for line in (run / "metrics.jsonl").read_text().splitlines():
        event = strict(line)
        for key, value in event.items():
            if not isinstance(value, (dict, list)):
                (read,) = sqlite.execute("select json_extract(?, '$.' || ?)", (line, key)).fetchone()
                assert read == value, (key, read, value)
    nonfinite = 0
    for row, cells in zip(rows, table):
        for name in start["columns"]:
            value = float(cells[name])
            if row[name] is None:
                assert name in row["nonfinite"] and not math.isfinite(value), (name, cells)
                nonfinite += 1
            else:
                assert name not in row.get("nonfinite", []) and value == row[name], (name, cells, row)
    try:
        import pandas
        frame = pandas.read_csv(run / "metrics.csv")
        for name in start["columns"]:
            assert all(same(float(a), float(b[name])) for a, b in zip(frame[name], table)), name
    except ImportError:
        print("no pandas here: one CSV reader less")
    return start, rows, table, nonfinite


def expected_scalars(start, table):
    """What tb/train and tb/val must hold."""
    train, val = {}, {}
    for cells in table:
        step = int(cells["epoch"])

        def put(where, tag, value):
            where.setdefault(tag, {})[step] = as_float32(value)

        put(train, "loss", float(cells["train_loss"]))
        put(train, "loss_per_row", float(cells["train_loss_per_row"]))
        put(train, "learning_rate", float(cells["lr"]))
        put(train, "grad_norm", float(cells["grad_norm"]))
        for name in start["monitors"]:
            if name.startswith("val_"):
                put(val, name[4:], float(cells[name]))
            else:
                put(train, name.removeprefix("train_"), float(cells[name]))
        if "val_loss" in cells:
            put(val, "loss_per_row", float(cells["val_loss"]) / start["n_validation"])
    return {"train": train, "val": val}


def expect_same_scalars(expected, found, reader):
    assert expected.keys() == found.keys(), (reader, expected.keys(), found.keys())
    count = 0
    for tag, values in expected.items():
        assert values.keys() == found[tag].keys(), (reader, tag)
        for step, value in values.items():
            assert same(value, found[tag][step]), (reader, tag, step, value, found[tag][step])
            count += 1
    return count


def train(folder, name, settings, more=()):
    config = folder / f"{name}.toml"
    config.write_text(settings)
    command = [PROGRAM, "train", str(config), "-q", "--json", "-s", "log.tensorboard=true", *more]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return folder / json.loads(ran.stdout)["run"]


def read_by_tensorboard(run, expected, start):
    try:
        from tensorboard.backend.event_processing import event_accumulator
        from tensorboard.plugins.hparams import plugin_data_pb2
    except ImportError:
        print("no tensorboard here: its own reader was not asked")
        return
    for part, tags in expected.items():
        if not tags:
            continue
        accumulator = event_accumulator.EventAccumulator(str(run / "tb" / part), size_guidance={"scalars": 0})
        accumulator.Reload()
        found = {tag: {e.step: e.value for e in accumulator.Scalars(tag)} for tag in accumulator.Tags()["scalars"]}
        count = expect_same_scalars(tags, found, "tensorboard")
        print(f"tensorboard reads {count} scalars of {run.name}/tb/{part} as metrics.csv has them")
    accumulator = event_accumulator.EventAccumulator(str(run / "tb"))
    accumulator.Reload()
    content = accumulator.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    read = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info.hparams
    assert read["optimizer.learning_rate"].number_value == start["config"]["optimizer"]["learning_rate"]
    assert read["optimizer.name"].string_value == start["config"]["optimizer"]["name"]
    print(f"tensorboard reads {len(read)} hyper-parameters")


def tensorboard_hyper_parameters(folder):
    """What TensorBoard reads of a folder's settings, numbers and texts; None where it is not installed."""
    try:
        from tensorboard.backend.event_processing import event_accumulator
        from tensorboard.plugins.hparams import plugin_data_pb2
    except ImportError:
        return None
    accumulator = event_accumulator.EventAccumulator(str(folder))
    accumulator.Reload()
    content = accumulator.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    read = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info.hparams
    values = {tag: accumulator.Scalars(tag)[0].value for tag in accumulator.Tags()["scalars"]}
    return {key: getattr(value, value.WhichOneof("kind")) for key, value in read.items()}, values


def tune(folder):
    """A sweep writes a session a trial, with its settings and what came of it."""
    config = folder / "sweep.toml"
    config.write_text(MOONS)
    command = [PROGRAM, "tune", str(config), "-q", "--json", "-s", "log.tensorboard=true",
               "-s", "tune.learning_rate={ log = [1e-3, 0.3], points = 4 }", "-s", "tune.range_test=false",
               "-s", 'tune."model.hidden"=[[2], [3]]']
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    result = json.loads(ran.stdout)
    sessions = sorted((folder / result["folder"] / "tb").iterdir())
    assert len(sessions) == len(result["trials"]) == 8, (sessions, result["trials"])
    read_by_it = 0
    for session, trial in zip(sessions, result["trials"]):
        settings, found = hyper_parameters(session), scalars(session)
        (rate,) = struct.unpack("<d", settings["optimizer.learning_rate"])
        assert rate == trial["gamma"]
        assert settings.keys() == {"optimizer.learning_rate", "model.hidden"}, settings.keys()
        assert settings["model.hidden"].decode().replace(" ", "") in trial["change"].replace(" ", ""), trial
        expected = {"converged": trial["converged"], f"best_{result['figure']}_per_row": trial["figure"],
                    "epochs_to_target": trial["epochs_to_target"]}
        expected = {tag: {trial["epochs"]: as_float32(v)} for tag, v in expected.items() if v is not None}
        assert found == expected, (found, expected)
        theirs = tensorboard_hyper_parameters(session)
        if theirs is not None:
            assert theirs[0]["optimizer.learning_rate"] == trial["gamma"]
            assert theirs[1] == {tag: next(iter(v.values())) for tag, v in expected.items()}
            read_by_it += 1
    print(f"{len(sessions)} trials of a sweep are sessions; tensorboard itself read {read_by_it}")


MOONS = """
[data]
generator = "moons"
rows = 60
validation_split = 0.2
[model]
hidden = [3]
[train]
epochs = 9
batch_size = 20
[early_stopping]
monitor = "accuracy"
patience = 100
[optimizer]
name = "adam"
"""
# One validation row has no r2, and nobody computes the norm.
NAN = """
[data]
generator = "sine"
rows = 20
validation_split = 0.05
[train]
epochs = 7
[log]
gradient_norm = false
"""

with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    plain = train(folder, "plain", MOONS)
    hollow = train(folder, "hollow", NAN)
    longer = train(folder, "longer", MOONS)
    resumed = subprocess.run([PROGRAM, "train", "--resume", str(longer), "-q", "-s", "train.epochs=15"], cwd=folder)
    assert resumed.returncode == 0
    for run, epochs in ((plain, 9), (hollow, 7), (longer, 15)):
        start, rows, table, nonfinite = check_run(run, epochs)
        assert (nonfinite > 0) == (run == hollow), nonfinite
        expected = expected_scalars(start, table)
        for part in ("train", "val"):
            expect_same_scalars(expected[part], scalars(run / "tb" / part), "ours")
        settings = hyper_parameters(run / "tb")
        (rate,) = struct.unpack("<d", settings["optimizer.learning_rate"])
        assert rate == start["config"]["optimizer"]["learning_rate"]
        assert settings["optimizer.name"].decode() == start["config"]["optimizer"]["name"]
        read_by_tensorboard(run, expected, start)
    tune(folder)
print("all readers agree")
