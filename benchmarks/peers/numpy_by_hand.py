"""NumPy, derivatives written by hand, every array of a step made once."""
import common


def numpy_version():
    import numpy
    return "NumPy " + numpy.__version__


common.answer_version(numpy_version)
args = common.arguments()

import numpy as np

x, t = common.data(args)
layers = common.start(args)
gamma = np.float32(args.gamma)
rng = np.random.default_rng(3)


class Buffers:
    """Activations a, derivatives d (B, O) of every layer, for one size of batch."""

    def __init__(self, rows):
        self.x = np.empty((rows, args.layers[0]), np.float32)
        self.a = [np.empty((rows, o), np.float32) for o in args.layers[1:]]
        self.d = [np.empty((rows, o), np.float32) for o in args.layers[1:]]
        self.index = np.arange(rows)
        self.scratch = [np.empty((rows, o), np.float32) for o in args.layers[1:]]


buffers = {}
products = [np.empty_like(w) for w, _ in layers]
sums = [np.empty_like(b) for _, b in layers]


def step(xb, tb, m):
    h = xb
    for l, (w, b) in enumerate(layers):
        a = m.a[l]
        np.matmul(h, w, out=a)
        a += b
        if l + 1 < len(layers):
            np.tanh(a, out=a) if args.activation == "tanh" else np.maximum(a, 0, out=a)
        h = a
    d = m.d[-1]
    if args.classes:
        h -= h.max(axis=1, keepdims=True)
        np.exp(h, out=d)
        total = d.sum(axis=1, keepdims=True)
        loss = float(np.log(total).sum() - h[m.index, tb].sum())
        d /= total
        d[m.index, tb] -= 1
    else:
        np.subtract(h, tb, out=d)
        loss = float(np.vdot(d, d))
        d *= 2
    for l in range(len(layers) - 1, -1, -1):
        w, b = layers[l]
        below = m.a[l - 1] if l else xb
        np.matmul(below.T, d, out=products[l])
        np.sum(d, axis=0, out=sums[l])
        if l:
            next_d, s = m.d[l - 1], m.scratch[l - 1]
            np.matmul(d, w.T, out=next_d)
            if args.activation == "tanh":
                np.multiply(below, below, out=s)
                np.subtract(1, s, out=s)
                next_d *= s
            else:
                next_d *= below > 0
            d = next_d
        products[l] *= gamma
        sums[l] *= gamma
        w -= products[l]
        b -= sums[l]
    return loss


def epoch():
    if args.whole:
        return step(x, t, buffers.get(args.rows) or buffers.setdefault(args.rows, Buffers(args.rows)))
    order = rng.permutation(args.rows)
    loss = 0.0
    for i in range(0, args.rows, args.batch):
        rows = order[i:i + args.batch]
        m = buffers.get(len(rows)) or buffers.setdefault(len(rows), Buffers(len(rows)))
        np.take(x, rows, axis=0, out=m.x, mode="clip")  # clip: without a second copy
        loss += step(m.x, t[rows], m)
    return loss


common.run(args, numpy_version(), epoch)
