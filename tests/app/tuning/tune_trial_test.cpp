// A trial that stops on its way is the same as one that does not, bit for bit.
#include "app/tuning/tune_trial.hpp"

#include "app/config/reader.hpp"
#include "app/training/training.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace descent {
namespace {

const std::atomic<bool> kNever{false};

Experiment iris(const std::vector<std::string>& more) {
  std::vector<std::string> overrides = {"train.epochs=20"};
  overrides.insert(overrides.end(), more.begin(), more.end());
  return prepare(read_config({DESCENT_SOURCE_DIR "/examples/iris.toml", overrides}).config);
}

void expect_same(const TrialRecord& a, const TrialRecord& b) {
  EXPECT_EQ(a.figures, b.figures);
  EXPECT_EQ(a.epochs, b.epochs);
  EXPECT_EQ(a.diverged, b.diverged);
  EXPECT_EQ(a.reached, b.reached);
  EXPECT_EQ(a.ended, b.ended);
}

TEST(Trial, GoesOnToTheSameBits) {
  const std::vector<std::string> settings[] = {{},
                                               {"train.batch_size=full"},
                                               {"data.validation_split=0.25", "optimizer.name=adam"},
                                               {"optimizer.name=momentum", "run.precision=float64"},
                                               {"schedule.name=cosine", "schedule.warmup_epochs=4"},
                                               {"data.validation_split=0.25", "schedule.name=reduce_on_plateau",
                                                "schedule.patience=1", "optimizer.learning_rate=0.1"},
                                               {"optimizer.name=nesterov", "train.batch_size=full"}};
  for (const auto& setting : settings) {
    const Experiment experiment = iris(setting);
    const TrialRecord straight = Trial().train(experiment, 20, kNever);
    ASSERT_EQ(straight.figures.size(), 21u);
    Trial kept, starts_over(0);
    for (const std::size_t epochs : {2u, 5u, 6u, 20u}) {
      expect_same(kept.train(experiment, epochs, kNever), Trial().train(experiment, epochs, kNever));
      expect_same(starts_over.train(experiment, epochs, kNever), Trial().train(experiment, epochs, kNever));
    }
    expect_same(kept.train(experiment, 20, kNever), straight);
  }
}

TEST(Trial, IsWhereItWasAfterAnInterruption) {
  const Experiment experiment = iris({});
  const std::atomic<bool> at_once{true};
  Trial trial;
  trial.train(experiment, 7, kNever);
  EXPECT_TRUE(trial.train(experiment, 20, at_once).interrupted);
  expect_same(trial.train(experiment, 20, kNever), Trial().train(experiment, 20, kNever));
}

TEST(Trial, SaysHowItEnded) {
  const TrialRecord whole = Trial().train(iris({}), 20, kNever);
  EXPECT_FALSE(whole.ended);
  const TrialRecord diverged =
      Trial().train(iris({"optimizer.learning_rate=1e30", "model.activation=relu"}), 20, kNever);
  EXPECT_TRUE(diverged.diverged && diverged.ended);
  EXPECT_LT(diverged.epochs, 20u);
  const TrialRecord reached = Trial().train(iris({"train.loss_target=60"}), 20, kNever);
  EXPECT_TRUE(reached.reached && reached.ended && !reached.diverged);
}

// Whatever figure the schedule watches.
TEST(Trial, EndsWhereTrainEnds) {
  for (const std::string monitor : {"auto", "loss", "accuracy", "val_loss", "val_accuracy"}) {
    const Experiment experiment =
        iris({"data.validation_split=0.25", "schedule.name=reduce_on_plateau", "schedule.patience=1",
              "schedule.monitor=" + monitor, "optimizer.learning_rate=0.03"});
    Log log(true, Color::never);
    const TrainingResult straight = train(experiment, log, nullptr, kNever);
    Trial trial;
    trial.train(experiment, 3, kNever);
    EXPECT_EQ(trial.train(experiment, 20, kNever).figures.back(),
              straight.validation->loss / static_cast<double>(experiment.validation->size()))
        << monitor;
  }
}

TEST(Trial, ALossThatIsNotFiniteIsAnInfiniteFigure) {
  Experiment experiment = iris({"data.validation_split=0.25"});
  experiment.validation->inputs(0, 0) = std::nan("");
  const TrialRecord record = Trial().train(experiment, 2, kNever);
  EXPECT_FALSE(record.ended);
  EXPECT_EQ(record.figures, std::vector<double>(3, std::numeric_limits<double>::infinity()));
}

}  // namespace
}  // namespace descent
