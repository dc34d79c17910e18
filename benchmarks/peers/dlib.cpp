// dlib's deep networks without its trainer: rows are copied straight into the input tensor, and one call makes all
// derivatives. dlib fixes depth and activation when it compiles; widths are set at run time.
#include "peer.hpp"

#include <dlib/dnn.h>

namespace {

using namespace dlib;

using Input = input<matrix<float, 0, 1>>;
template <template <class> class Phi, int Hidden, class Below>
struct Stack {
  using type = Phi<add_layer<fc_<1, FC_HAS_BIAS>, typename Stack<Phi, Hidden - 1, Below>::type>>;
};
template <template <class> class Phi, class Below>
struct Stack<Phi, 0, Below> {
  using type = Below;
};
template <template <class> class Phi, int Hidden>
using Body = add_layer<fc_<1, FC_HAS_BIAS>, typename Stack<Phi, Hidden, Input>::type>;

const char* const kVersion = "dlib 19.24";

// Layer 0 is the loss; behind it come fc, φ, fc, φ … from the outputs to the inputs.
template <std::size_t At, class Net>
void set_widths(Net& net, const std::vector<std::size_t>& layers) {
  if constexpr (At + 1 < Net::num_layers) {
    layer<At>(net).layer_details().set_num_outputs(static_cast<long>(layers[layers.size() - 1 - At / 2]));
    set_widths<At + 2>(net, layers);
  }
}

template <class Net, class Label>
int train(const peer::Arguments& a, peer::Data& d, const std::vector<Label>& labels) {
  Net net;
  set_widths<1>(net, a.layers);
  std::vector<sgd> solvers(Net::num_computational_layers, sgd(0, 0));
  const std::size_t inputs = a.layers.front();
  resizable_tensor whole, full, rest;
  {
    // The network learns the size of its input from a sample; from here on tensors are filled by hand.
    const matrix<float, 0, 1> sample = zeros_matrix<float>(static_cast<long>(inputs), 1);
    net.to_tensor(&sample, &sample + 1, whole);
  }
  const auto shape = [&](resizable_tensor& x, std::size_t rows) {
    x.set_size(static_cast<long>(rows), static_cast<long>(inputs), 1, 1);
  };
  if (a.whole()) {
    shape(whole, a.rows);
    std::copy(d.x.begin(), d.x.end(), whole.host_write_only());
  } else {
    shape(full, a.batch);
    if (a.rows % a.batch) shape(rest, a.rows % a.batch);
  }
  std::vector<Label> batch_labels(a.batch);
  // Its loss is a mean over the rows, and over the outputs where there are several.
  const auto step = [&](const tensor& x, auto first) {
    const double mean = net.compute_parameter_gradients(x, first);
    net.update_parameters(solvers, a.gamma * static_cast<double>(x.num_samples()));
    return mean * static_cast<double>(x.num_samples());
  };
  peer::Order order(a);
  return peer::run(a, kVersion, [&] {
    if (a.whole()) return step(whole, labels.begin());
    const std::vector<unsigned>& rows = order.next();
    double loss = 0;
    for (std::size_t i = 0; i < a.rows; i += a.batch) {
      const std::size_t count = std::min(a.batch, a.rows - i);
      resizable_tensor& x = count == a.batch ? full : rest;
      float* to = x.host_write_only();
      for (std::size_t k = 0; k < count; ++k) {
        std::copy_n(&d.x[rows[i + k] * inputs], inputs, to + k * inputs);
        batch_labels[k] = labels[rows[i + k]];
      }
      loss += step(x, batch_labels.begin());
    }
    return loss;
  });
}

template <template <class> class Phi, int Hidden>
int train_hidden(const peer::Arguments& a, peer::Data& d) {
  if (a.classes()) return train<loss_multiclass_log<Body<Phi, Hidden>>>(a, d, d.c);
  return train<loss_mean_squared<Body<Phi, Hidden>>>(a, d, d.t);
}

template <template <class> class Phi>
int train_phi(const peer::Arguments& a, peer::Data& d) {
  switch (a.layers.size() - 2) {
    case 1:
      return train_hidden<Phi, 1>(a, d);
    case 2:
      return train_hidden<Phi, 2>(a, d);
    case 10:
      return train_hidden<Phi, 10>(a, d);
  }
  std::fprintf(stderr, "dlib: this depth is not compiled in\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const peer::Arguments a = peer::parse(argc, argv, kVersion);
  peer::Data d = peer::data(a);
  if (!a.classes() && a.layers.back() != 1) {
    std::fprintf(stderr, "dlib: squared error of one output only\n");
    return 2;
  }
  return a.activation == "tanh" ? train_phi<htan>(a, d) : train_phi<relu>(a, d);
}
