// Steps that move the weights in place: the run of the long way, also where it diverges and where it is kept.
#include "framework/kernels/simd.hpp"
#include "tests/trainers/run.hpp"
#include "trainers/minimize.hpp"
#include "trainers/snapshot.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace descent {
namespace {

using support::descend;
using support::steepest;

enum class Trouble { loss, gradient, weight };

// Weights that wander; w[0] grows by some 1 a step, until it passes `limit`.
class Wandering final : public Objective<float> {
 public:
  Wandering(Trouble trouble, float limit, bool in_one_pass)
      : trouble_(trouble), limit_(limit), in_one_pass_(in_one_pass), g_(kWeights) {}
  std::size_t dimension() const override { return kWeights; }
  std::size_t terms() const override { return kTerms; }
  bool moves_in_one_pass(std::size_t) const override { return in_one_pass_; }

  static constexpr std::size_t kWeights = 7, kTerms = 39;

 private:
  double do_value(ConstParams<float> w, Terms batch) override { return do_value_and_gradient(w, g_, batch); }
  double do_value_and_gradient(ConstParams<float> w, Params<float> g, Terms batch) override {
    float sum = 0;
    for (const std::uint32_t i : batch) sum += 0.01f * static_cast<float>(i);
    for (std::size_t j = 0; j < kWeights; ++j)
      g[j] = std::cos(w[j] + sum + static_cast<float>(j)) + 0.3f * w[(j + 1) % kWeights];
    g[0] = -10 - sum;
    const bool there = w[0] > limit_;
    if (there && trouble_ == Trouble::gradient) g[3] = std::numeric_limits<float>::quiet_NaN();
    if (there && trouble_ == Trouble::weight) g[5] = std::numeric_limits<float>::max();
    return there && trouble_ == Trouble::loss ? std::numeric_limits<double>::infinity() : w[1] + sum;
  }
  double do_value_and_move(ConstParams<float> w, float scale, Params<float> next, Terms batch, bool& finite) override {
    const double value = do_value_and_gradient(w, g_, batch);
    kernels::FiniteCheck<float> check;
    if (std::isfinite(value)) kernels::simd<float>().move(w.data(), g_.data(), scale, next.data(), kWeights, check);
    finite = std::isfinite(value) && check.passed();
    return value;
  }
  std::string do_explain_nonfinite(ConstParams<float>, Terms) override { return "beyond the limit"; }

  Trouble trouble_;
  float limit_;
  bool in_one_pass_;
  std::vector<float> g_;
};

class Album final : public Checkpointer<float> {
 public:
  explicit Album(std::size_t every) : every_(every) {}
  bool wants(const Position& position) override { return position.ended != nullptr || position.steps % every_ == 0; }
  void keep(const Position& position, const State<float>& state) override { kept.push_back(take(position, state)); }
  std::vector<Snapshot<float>> kept;

 private:
  std::size_t every_;
};

// Momentum of a γ that makes a weight of 1e38 overflow; what looks at no gradient.
constexpr double kGamma = 0.1, kHugeGamma = 20;

struct Outcome {
  std::vector<float> w;
  Report report;
};

Outcome run(Trouble trouble, float limit, bool in_one_pass, LossLog log, Album* album = nullptr,
            const Snapshot<float>* from = nullptr) {
  Wandering f(trouble, limit, in_one_pass);
  Outcome outcome;
  outcome.w.assign(Wandering::kWeights, 0.5f);
  Options<float> options{.epochs = 20, .batch_size = 2, .seed = 3, .loss_log = log, .log_gradient_norm = false};
  options.checkpointer = album;
  options.resume = from;
  outcome.report = descend(f, outcome.w, steepest(trouble == Trouble::weight ? kHugeGamma : kGamma), options);
  return outcome;
}

// The limit that step `steps` passes.
float limit_of(std::size_t steps, Trouble trouble) {
  Album album(1);
  run(trouble, std::numeric_limits<float>::infinity(), false, LossLog::running, &album);
  return album.kept.at(steps - 1).vectors.front().second[0] * 0.9999f;
}

// 20 steps in an epoch; 64 in place between two that are not.
constexpr std::size_t kSteps[] = {1, 2, 3, 20, 21, 63, 64, 65, 66, 100, 128, 129, 130, 137, 260};

TEST(MinimizeInOnePass, DivergesAsTheLongWayDoes) {
  for (const Trouble trouble : {Trouble::loss, Trouble::gradient, Trouble::weight})
    for (const LossLog log : {LossLog::running, LossLog::exact})
      for (const std::size_t steps : kSteps) {
        const float limit = limit_of(steps, trouble);
        const Outcome expected = run(trouble, limit, false, log), got = run(trouble, limit, true, log);
        ASSERT_EQ(expected.report.reason, Reason::diverged) << steps;
        EXPECT_EQ(got.report.sentence, expected.report.sentence);
        EXPECT_EQ(got.report.steps, expected.report.steps) << got.report.sentence;
        EXPECT_EQ(got.w, expected.w) << got.report.sentence;
      }
}

TEST(MinimizeInOnePass, IsKeptAndResumedWithTheSameBits) {
  for (const std::size_t every : {1, 7, 20, 65, 129}) {
    const float limit = limit_of(270, Trouble::loss);
    Album expected(every), got(every);
    const Outcome whole = run(Trouble::loss, limit, false, LossLog::running, &expected);
    run(Trouble::loss, limit, true, LossLog::running, &got);
    ASSERT_EQ(got.kept.size(), expected.kept.size());
    ASSERT_GE(got.kept.size(), 270 / every);
    for (std::size_t i = 0; i < got.kept.size(); ++i) {
      EXPECT_EQ(got.kept[i].vectors, expected.kept[i].vectors) << "every " << every << ", snapshot " << i;
      const Outcome rest = run(Trouble::loss, limit, true, LossLog::running, nullptr, &got.kept[i]);
      EXPECT_EQ(rest.w, whole.w) << "every " << every << ", snapshot " << i;
      EXPECT_EQ(rest.report.sentence, whole.report.sentence);
    }
  }
}

// What is computed once more for a snapshot is nobody's evaluation.
TEST(MinimizeInOnePass, CountsNoStepTwice) {
  const float limit = std::numeric_limits<float>::infinity();
  Album album(50);
  const Outcome outcome = run(Trouble::loss, limit, true, LossLog::running, &album);
  EXPECT_EQ(outcome.report.steps, 400u);
  EXPECT_EQ(outcome.report.evaluations.gradients, 400u);
  EXPECT_EQ(outcome.report.evaluations.gradient_terms, 20 * Wandering::kTerms);
}

}  // namespace
}  // namespace descent
