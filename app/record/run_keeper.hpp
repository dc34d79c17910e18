// Decides when a training run is checkpointed, and hands its state to the record.
#pragma once

#include "app/record/run_record.hpp"
#include "trainers/early_stopping.hpp"
#include "trainers/minimize.hpp"
#include "trainers/snapshot.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <variant>

namespace descent {

template <class Real>
class RunKeeper final : public Checkpointer<Real> {
 public:
  // `model`: the model with weights w (n) of an epoch; may be empty. `best`: who knows the best weights; may be null.
  using MakeModel = std::function<Model(ConstParams<Real> w, std::size_t epoch)>;
  RunKeeper(RunRecord& record, MakeModel model, const EarlyStopping<Real>* best, const TrainConfig& config)
      : record_(record),
        model_(std::move(model)),
        best_(best),
        every_epochs_(static_cast<std::size_t>(config.checkpoint_every_epochs)),
        every_seconds_(config.checkpoint_every_seconds) {}

  // A run with these options is kept by this, and goes on from the record's checkpoint if there is one.
  void serve(Options<Real>& options) {
    options.checkpointer = this;
    if (record_.checkpoint()) options.resume = &std::get<Snapshot<Real>>(record_.checkpoint()->snapshot);
  }

  // When the run ends, and as often as the config says.
  bool wants(const Position& position) override {
    if (position.ended != nullptr) return true;
    const bool epoch_end = position.step_in_epoch == position.steps_per_epoch;
    return (epoch_end && every_epochs_ > 0 && position.epochs % every_epochs_ == 0) || every_seconds_ == 0 || is_time();
  }

  void keep(const Position& position, const State<Real>& state) override {
    std::optional<Model> model;
    for (const StateVector<Real>& vector : state.vectors)
      if (vector.name == "w" && model_) model = model_(vector.values, position.epochs);
    record_.keep(model ? &*model : nullptr, position, state);
    keep_best();
    last_ = Clock::now();
  }

  // best.safetensors, if there is something better than what it holds.
  void keep_best() {
    if (best_ == nullptr || best_->best_weights().empty() || best_->best_record().epoch == kept_best_) return;
    kept_best_ = best_->best_record().epoch;
    record_.keep_best(model_(best_->best_weights(), kept_best_));
  }

 private:
  using Clock = std::chrono::steady_clock;

  // Looks at the clock every hundredth of a second or so: asking it costs as much as a small step's hundredth.
  bool is_time() {
    constexpr auto kSoon = std::chrono::milliseconds(5), kLate = std::chrono::milliseconds(20);
    if (--until_look_ > 0) return false;
    const auto now = Clock::now();
    if (now - looked_ < kSoon && stride_ < (std::size_t{1} << 20)) stride_ *= 2;
    if (now - looked_ > kLate && stride_ > 1) stride_ /= 2;
    until_look_ = stride_;
    looked_ = now;
    return std::chrono::duration<double>(now - last_).count() >= every_seconds_;
  }

  RunRecord& record_;
  MakeModel model_;
  const EarlyStopping<Real>* best_;
  std::size_t every_epochs_;
  double every_seconds_;
  std::size_t kept_best_ = std::numeric_limits<std::size_t>::max();
  std::size_t stride_ = 1, until_look_ = 1;
  Clock::time_point last_ = Clock::now(), looked_ = last_;
};

}  // namespace descent
