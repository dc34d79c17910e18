// FANN, float, through the parts its own batch training is made of: so mini-batches are possible, and shuffling.
//
// FANN has neither softmax nor ReLU: classes are trained by squared error on 1-of-K targets, and relu is its bounded
// linear piece. Both are cheaper than what the others do.
#include "peer.hpp"

// The order matters.
// clang-format off
#include <floatfann.h>
#include <fann_internal.h>
// clang-format on

int main(int argc, char** argv) {
  const char* version = "FANN 2.2";
  const peer::Arguments a = peer::parse(argc, argv, version);
  peer::Data d = peer::data(a);
  const std::size_t inputs = a.layers.front(), outputs = a.layers.back();
  if (a.classes()) {
    d.t.assign(a.rows * outputs, 0);
    for (std::size_t i = 0; i < a.rows; ++i) d.t[i * outputs + d.c[i]] = 1;
  }

  const std::vector<unsigned> widths(a.layers.begin(), a.layers.end());
  struct fann* net = fann_create_standard_array(static_cast<unsigned>(widths.size()), widths.data());
  fann_set_activation_function_hidden(net, a.activation == "tanh" ? FANN_SIGMOID_SYMMETRIC : FANN_LINEAR_PIECE);
  fann_set_activation_function_output(net, FANN_LINEAR);
  fann_set_activation_steepness_hidden(net, 1);
  fann_set_activation_steepness_output(net, 1);
  fann_set_train_error_function(net, FANN_ERRORFUNC_LINEAR);
  fann_set_training_algorithm(net, FANN_TRAIN_BATCH);
  fann_randomize_weights(net, -0.1f, 0.1f);
  // Its update divides by the rows of the batch, and its derivative lacks the 2 of the square.
  fann_set_learning_rate(net, static_cast<float>(2 * a.gamma * static_cast<double>(a.batch)));

  peer::Order order(a);
  return peer::run(a, version, [&] {
    const std::vector<unsigned>& rows = order.next();
    fann_reset_MSE(net);
    for (std::size_t i = 0; i < a.rows; i += a.batch) {
      const std::size_t end = std::min(i + a.batch, a.rows);
      for (std::size_t k = i; k < end; ++k) {
        fann_run(net, &d.x[rows[k] * inputs]);
        fann_compute_MSE(net, &d.t[rows[k] * outputs]);
        fann_backpropagate_MSE(net);
        fann_update_slopes_batch(net, net->first_layer + 1, net->last_layer - 1);
      }
      fann_update_weights_batch(net, static_cast<unsigned>(end - i), 0, net->total_connections);
    }
    return static_cast<double>(fann_get_MSE(net)) * static_cast<double>(a.rows * outputs);
  });
}
