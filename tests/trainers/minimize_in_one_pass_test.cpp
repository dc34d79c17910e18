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
constexpr std::size_t kEpochs = 60;  // of 20 steps

struct Outcome {
  std::vector<float> w;
  Report report;
  std::size_t asked;  // gradients
};

Outcome run(Trouble trouble, float limit, bool in_one_pass, LossLog log, Album* album = nullptr,
            const Snapshot<float>* from = nullptr) {
  Wandering f(trouble, limit, in_one_pass);
  Outcome outcome;
  outcome.w.assign(Wandering::kWeights, 0.5f);
  Options<float> options{.epochs = kEpochs, .batch_size = 2, .seed = 3, .loss_log = log, .log_gradient_norm = false};
  options.checkpointer = album;
  options.resume = from;
  outcome.report = descend(f, outcome.w, steepest(trouble == Trouble::weight ? kHugeGamma : kGamma), options);
  outcome.asked = f.evaluations().gradients;
  return outcome;
}

// The limit that step `steps` passes.
float limit_of(std::size_t steps, Trouble trouble) {
  Album album(1);
  run(trouble, std::numeric_limits<float>::infinity(), false, LossLog::running, &album);
  return album.kept.at(steps - 1).vectors.front().second[0] * 0.9999f;
}

// From none in place to 64 between two that are not.
constexpr std::size_t kSteps[] = {1,  2,  3,   20,  21,  31,  32,   33,   34,   35,   36,   47,   48,   49,  50,
                                  63, 64, 100, 129, 260, 500, 1024, 1039, 1066, 1084, 1100, 1101, 1131, 1149};

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
  constexpr std::size_t kMany = 1150;
  const float limit = limit_of(kMany, Trouble::loss);
  for (const std::size_t every : {1, 7, 20, 65, 129, 500, 1100}) {
    Album expected(every), got(every);
    const Outcome whole = run(Trouble::loss, limit, false, LossLog::running, &expected);
    run(Trouble::loss, limit, true, LossLog::running, &got);
    ASSERT_EQ(got.kept.size(), expected.kept.size());
    ASSERT_GE(got.kept.size(), kMany / every);
    for (std::size_t i = 0; i < got.kept.size(); ++i) {
      EXPECT_EQ(got.kept[i].vectors, expected.kept[i].vectors) << "every " << every << ", snapshot " << i;
      const Outcome rest = run(Trouble::loss, limit, true, LossLog::running, nullptr, &got.kept[i]);
      EXPECT_EQ(rest.w, whole.w) << "every " << every << ", snapshot " << i;
      EXPECT_EQ(rest.report.sentence, whole.report.sentence);
    }
  }
}

// What is computed once more for a snapshot is nobody's evaluation, and little.
TEST(MinimizeInOnePass, CountsNoStepTwice) {
  const float limit = std::numeric_limits<float>::infinity();
  constexpr std::size_t kAll = kEpochs * 20;
  for (const std::size_t every : {1, 10, 40, 300, 2000}) {
    Album album(every);
    const Outcome outcome = run(Trouble::loss, limit, true, LossLog::running, &album);
    EXPECT_EQ(outcome.report.steps, kAll);
    EXPECT_EQ(outcome.report.evaluations.gradients, kAll);
    EXPECT_EQ(outcome.report.evaluations.gradient_terms, kEpochs * Wandering::kTerms);
    EXPECT_LE(outcome.asked, kAll + kAll / 16) << "kept every " << every << " steps";
  }
}

// Steps of 2³⁰ weights times rows.
class Heavy final : public Objective<float> {
 public:
  std::size_t dimension() const override { return 1 << 10; }
  std::size_t terms() const override { return 1 << 22; }
  bool moves_in_one_pass(std::size_t) const override { return true; }

 private:
  double do_value(ConstParams<float>, Terms) override { return 1; }
  double do_value_and_gradient(ConstParams<float>, Params<float> g, Terms) override {
    std::ranges::fill(g, 1.0f);
    return 1;
  }
  double do_value_and_move(ConstParams<float> w, float scale, Params<float> next, Terms, bool& finite) override {
    std::ranges::transform(w, next.begin(), [&](float x) { return x + scale; });
    finite = true;
    return 1;
  }
};

TEST(MinimizeInOnePass, TakesFewStepsAgainWhereTheyAreLong) {
  Heavy f;
  Album album(1 << 20);
  Options<float> options{.epochs = 256, .batch_size = 1 << 20, .shuffle = false, .loss_log = LossLog::running};
  options.checkpointer = &album;
  std::vector<float> w(f.dimension());
  const Report report = descend(f, w, steepest(kGamma), options);
  ASSERT_EQ(album.kept.size(), 1u);
  EXPECT_EQ(report.evaluations.gradients, 1024u);
  EXPECT_LT(f.evaluations().gradients, 1024u + 4);
}

}  // namespace
}  // namespace descent
