"""Reads safetensors files with nothing but the standard library, by the rules of the format.

read_safetensors.py check FILE...     one line each: "ok", or the rule that is broken
read_safetensors.py predict MODEL     rows of raw inputs on stdin, what the model predicts on stdout
"""
import array
import json
import math
import struct
import sys

SIZES = {"F32": ("f", 4), "F64": ("d", 8)}


def require(rule, what):
    if not rule:
        raise ValueError(what)


def unique(pairs):
    require(len({key for key, _ in pairs}) == len(pairs), "duplicate key")
    return dict(pairs)


def whole(numbers):
    return isinstance(numbers, list) and all(type(n) is int and 0 <= n < 2**64 for n in numbers)


def decode(data):
    require(len(data) >= 8, "shorter than 8 bytes")
    (n,) = struct.unpack("<Q", data[:8])
    require(n <= 100_000_000, "header too long")
    require(8 + n <= len(data), "header longer than the file")
    text = data[8 : 8 + n].decode("utf-8")
    require(text.startswith("{"), "header does not start with {")
    header = json.loads(text, object_pairs_hook=unique)
    text.encode("utf-8"), json.dumps(header, ensure_ascii=False).encode("utf-8")  # no lone surrogates
    metadata = header.pop("__metadata__", {})
    require(isinstance(metadata, dict) and all(isinstance(v, str) for v in metadata.values()), "metadata is not text")
    end, tensors = 0, {}
    for t in header.values():
        require(isinstance(t, dict) and set(t) == {"dtype", "shape", "data_offsets"}, "wrong keys in a tensor")
        require(t["dtype"] in SIZES, "unknown dtype")
        require(whole(t["shape"]) and whole(t["data_offsets"]) and len(t["data_offsets"]) == 2, "wrong numbers")
    for name, t in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        code, size = SIZES[t["dtype"]]
        first, last = t["data_offsets"]
        require(math.prod(t["shape"]) * size < 2**64, "overflow")
        require(last - first == math.prod(t["shape"]) * size, "offsets do not match the shape")
        require(first == end, "hole or overlap")
        end = last
        tensors[name] = (t["shape"], array.array(code, data[8 + n + first : 8 + n + last]))
    require(8 + n + end == len(data), "tail or truncated data")
    return metadata, tensors


def sigmoid(z):
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


ACTIVATIONS = {
    "identity": lambda z: z,
    "relu": lambda z: max(z, 0.0),
    "leaky_relu": lambda z: z if z > 0 else 0.01 * z,
    "elu": lambda z: z if z > 0 else math.expm1(z),
    "gelu": lambda z: z * math.erfc(-z / math.sqrt(2)) / 2,
    "silu": lambda z: z * sigmoid(z),
    "sigmoid": sigmoid,
    "tanh": math.tanh,
    "softplus": lambda z: max(z, 0.0) + math.log1p(math.exp(-abs(z))),
}


def softmax(y):
    e = [math.exp(v - max(y)) for v in y]
    return [v / sum(e) for v in e]


OUTPUTS = {
    "cross_entropy": softmax,
    "binary_cross_entropy": lambda y: [sigmoid(v) for v in y],
    "poisson": lambda y: [math.exp(v) for v in y],
}


def predict(metadata, tensors, row):
    model = json.loads(metadata["model"])
    a = [(x - m) / s for x, m, s in zip(row, tensors["input.mean"][1], tensors["input.scale"][1], strict=True)]
    for l, layer in enumerate(model["network"]["layers"]):
        if layer["kind"] == "dense":
            (outputs, inputs), w = tensors[f"layers.{l}.weight"]
            z = [sum(w[o * inputs + i] * a[i] for i in range(inputs)) for o in range(outputs)]
            a = [u + b for u, b in zip(z, tensors[f"layers.{l}.bias"][1], strict=True)] if layer["bias"] else z
        a = [ACTIVATIONS[layer["activation"]](z) for z in a]
    y = OUTPUTS.get(model["loss"], lambda y: y)(a)
    if model["encoding"]["target_kind"] != "numbers":
        return y
    return [v * s + m for v, m, s in zip(y, tensors["target.mean"][1], tensors["target.scale"][1], strict=True)]


def main(command, *files):
    if command == "check":
        for file in files:
            try:
                decode(open(file, "rb").read())
                print("ok")
            except (ValueError, RecursionError) as error:  # a UnicodeError and a JSONDecodeError are ValueErrors
                print(type(error).__name__, str(error).replace("\n", " "))
    else:
        metadata, tensors = decode(open(files[0], "rb").read())
        for line in sys.stdin:
            print(*(repr(v) for v in predict(metadata, tensors, [float(x) for x in line.split()])))


main(*sys.argv[1:])
