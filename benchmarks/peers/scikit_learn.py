"""scikit-learn's multilayer perceptron, float32, plain SGD; one fit, watched at the end of every epoch."""
import common


def sklearn_version():
    import sklearn
    return "scikit-learn " + sklearn.__version__


common.answer_version(sklearn_version)
args = common.arguments()

import sklearn
from sklearn.neural_network import MLPClassifier, MLPRegressor

sklearn.set_config(assume_finite=True)


class Enough(Exception):
    pass


def watched(model):
    class Watched(model):
        # fit calls this once an epoch, after the last batch.
        def _update_no_improvement_count(self, *args_, **kwargs):
            super()._update_no_improvement_count(*args_, **kwargs)
            if watch.tick(self.loss_curve_[-1]):
                raise Enough
    return Watched


# It follows the mean over a batch, so its rate is that of the sum times the batch.
model = watched(MLPClassifier if args.classes else MLPRegressor)(
    hidden_layer_sizes=args.layers[1:-1], activation=args.activation, solver="sgd", alpha=0.0,
    batch_size=args.batch, learning_rate="constant", learning_rate_init=args.gamma * args.batch, momentum=0.0,
    nesterovs_momentum=False, shuffle=not args.whole, max_iter=1 << 30, tol=0.0, n_iter_no_change=1 << 30,
    random_state=1)
x, t = common.data(args)
watch = common.Watch(args)
try:
    model.fit(x, t if args.classes or t.shape[1] > 1 else t[:, 0])
except Enough:
    pass
if not args.first_epoch:
    common.report(args, sklearn_version(), watch.durations)
