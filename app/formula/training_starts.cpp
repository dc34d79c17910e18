#include "app/formula/training_starts.hpp"

namespace descent {

TrainingStarts::TrainingStarts(std::size_t starts, std::size_t n, const Options<double>& options)
    : options_(options), ends_(starts, n) {
  if (options.resume == nullptr) return;
  restore(state(), *options.resume);
  resumed_ = ends_.done();
}

Options<double> TrainingStarts::next() {
  Options<double> options = options_;
  if (options.checkpointer != nullptr) options.checkpointer = this;
  if (ends_.done() != resumed_) options.resume = nullptr;
  options.seconds_before = ends_.seconds();
  return options;
}

bool TrainingStarts::wants(const Position& position) {
  if (!ends_.complete() && position.ended != nullptr && is_end(position.ended->reason)) return false;
  return options_.checkpointer->wants(position);
}

void TrainingStarts::keep(const Position& position, const State<double>& state) {
  Position of_training = position;
  if (!ends_.complete()) of_training.epochs = of_training.steps = of_training.step_in_epoch = 0;
  State<double> all = state;
  all.add(this->state());
  options_.checkpointer->keep(of_training, all);
}

State<double> TrainingStarts::state() {
  State<double> state;
  state.add("starts", ends_.state());
  return state;
}

}  // namespace descent
