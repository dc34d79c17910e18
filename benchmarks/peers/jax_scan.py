"""JAX: a whole epoch is one compiled program, a lax.scan over its batches; weights are donated."""
import os

import common


def jax_version():
    import jax
    return "JAX " + jax.__version__


common.answer_version(jax_version)
args = common.arguments()
if args.threads == 1:
    os.environ["XLA_FLAGS"] = (os.environ.get("XLA_FLAGS", "") +
                               " --xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np

phi = jnp.tanh if args.activation == "tanh" else jax.nn.relu


def loss_of(w, xb, tb):
    h = xb
    for l, (m, b) in enumerate(w):
        h = h @ m + b
        if l + 1 < len(w):
            h = phi(h)
    if args.classes:
        return -jnp.take_along_axis(jax.nn.log_softmax(h), tb[:, None], axis=1).sum()
    return jnp.square(h - tb).sum()


def step(w, xb, tb):
    loss, g = jax.value_and_grad(loss_of)(w, xb, tb)
    return jax.tree.map(lambda a, b: a - np.float32(args.gamma) * b, w, g), loss


full = args.rows // args.batch


def whole_epoch(w, x, t):
    return step(w, x, t)


def shuffled_epoch(w, x, t, order):
    def one(w, rows):
        return step(w, x[rows], t[rows])
    w, losses = jax.lax.scan(one, w, order[:full * args.batch].reshape(full, args.batch))
    loss = losses.sum()
    if full * args.batch < args.rows:  # the last batch is shorter
        w, rest = one(w, order[full * args.batch:])
        loss += rest
    return w, loss


x, t = (jnp.asarray(a) for a in common.data(args))
weights = jax.tree.map(jnp.asarray, common.start(args))
rng = np.random.default_rng(3)
train = jax.jit(whole_epoch if args.whole else shuffled_epoch, donate_argnums=0)


def epoch():
    global weights
    order = () if args.whole else (rng.permutation(args.rows).astype(np.int32),)
    weights, loss = train(weights, x, t, *order)
    return float(loss)


common.run(args, jax_version(), epoch)
