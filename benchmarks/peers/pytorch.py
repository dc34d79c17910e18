"""PyTorch, three ways.

eager     modules' functions, autograd, the fused SGD optimiser
by-hand   no autograd: derivatives written with tensor operations and out=
compile   loss, derivatives and update of a step as one torch.compile graph
"""
import common


def torch_version():
    import torch
    return "PyTorch " + torch.__version__


common.answer_version(torch_version)
args = common.arguments(variants=["eager", "by-hand", "compile"])

import torch
import torch._inductor.config
import torch.nn.functional as F

torch.set_num_threads(args.threads)
x, t = (torch.from_numpy(a) for a in common.data(args))
weights = [torch.from_numpy(a) for layer in common.start(args) for a in layer]
last = len(weights) - 2
phi = torch.relu if args.activation == "relu" else torch.tanh
# Shuffling all rows at once costs fewer calls; a big table goes through the cache batch by batch.
small = x.numel() <= 1 << 19


def loss_of(w, xb, tb):
    h = xb
    for l in range(0, len(w), 2):
        h = torch.addmm(w[l + 1], h, w[l])
        if l < last:
            h = phi(h)
    return F.cross_entropy(h, tb, reduction="sum") if args.classes else F.mse_loss(h, tb, reduction="sum")


def eager_step():
    for w in weights:
        w.requires_grad_()
    optimiser = torch.optim.SGD(weights, lr=args.gamma, fused=True)

    def step(xb, tb):
        optimiser.zero_grad(set_to_none=True)
        loss = loss_of(weights, xb, tb)
        loss.backward()
        optimiser.step()
        return loss.detach()
    return step


def compiled_step():
    torch._inductor.config.cpp_wrapper = True  # calls its kernels from C++: a tenth less on small networks
    gradient = torch.func.grad_and_value(loss_of)

    @torch.compile(dynamic=False)
    def step(w, xb, tb):
        g, loss = gradient(w, xb, tb)
        for a, b in zip(w, g):
            a.sub_(b, alpha=args.gamma)
        return loss
    return lambda xb, tb: step(weights, xb, tb)


def hand_step():
    def step(xb, tb):
        kept, h = [], xb
        for l in range(0, len(weights), 2):
            kept.append(h)
            h = torch.addmm(weights[l + 1], h, weights[l])
            if l < last:
                h = h.relu_() if args.activation == "relu" else h.tanh_()
        if args.classes:
            logs = torch.log_softmax(h, 1)
            at = tb.unsqueeze(1)
            loss = -logs.gather(1, at).sum()
            d = logs.exp_().scatter_add_(1, at, minus_ones[:len(tb)])
        else:
            d = h.sub_(tb)
            loss = torch.dot(d.view(-1), d.view(-1))
            d.mul_(2)
        for l in range(last, -1, -2):
            below = kept[l // 2]
            if l:
                up = d @ weights[l].t()
                up = (torch.ops.aten.tanh_backward(up, below) if args.activation == "tanh"
                      else torch.ops.aten.threshold_backward(up, below, 0))
            weights[l].addmm_(below.t(), d, alpha=-args.gamma)
            weights[l + 1].sub_(d.sum(0), alpha=args.gamma)
            d = up if l else d
        return loss
    minus_ones = -torch.ones(args.batch, 1)
    return step


step = {"eager": eager_step, "compile": compiled_step, "by-hand": hand_step}[args.variant]()


def epoch():
    if args.whole:
        return step(x, t).item()
    order = torch.randperm(args.rows)
    total = torch.zeros(())
    if small:
        for xb, tb in zip(x[order].split(args.batch), t[order].split(args.batch)):
            total += step(xb, tb)
    else:
        for rows in order.split(args.batch):
            total += step(x[rows], t[rows])
    return total.item()


if args.variant != "eager":
    torch.set_grad_enabled(False)
common.run(args, torch_version(), epoch)
