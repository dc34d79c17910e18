// Which curves are shown, in which units, and what runs are called beside each other.

#include "app/runs/figures.hpp"

#include "app/runs/differences.hpp"
#include "framework/error.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace descent {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

RecordedRun run_with(std::vector<std::pair<std::string, std::vector<double>>> columns) {
  RecordedRun run;
  run.start = {{"n_train", 10}, {"n_validation", 5}};
  for (std::size_t i = 0; i < columns.front().second.size(); ++i) run.epochs.push_back(static_cast<double>(i + 1));
  for (auto& [name, values] : columns) {
    run.columns.push_back(name);
    run.values.push_back(values);
  }
  return run;
}

RecordedRun run_called(std::string name, std::vector<Setting> settings) {
  RecordedRun run;
  run.name = std::move(name);
  run.config = std::move(settings);
  return run;
}

std::string refusal(const RecordedRun& run, const std::string& asked) {
  try {
    figures({run}, {asked});
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Figures, DividesSumsByTheirRows) {
  const std::vector<Figure> found = figures({run_with({{"train_loss", {50, 40}}, {"val_loss", {30, 20}}})});
  ASSERT_EQ(found.size(), 1u);
  ASSERT_EQ(found[0].curves.size(), 2u);
  EXPECT_EQ(found[0].curves[0].y, (std::vector<double>{5, 4}));
  EXPECT_FALSE(found[0].curves[0].validation);
  EXPECT_EQ(found[0].curves[1].y, (std::vector<double>{6, 4}));
  EXPECT_TRUE(found[0].curves[1].validation);
}

TEST(Figures, ShowsByItselfWhatWasLoggedAndSaysSomething) {
  const RecordedRun run = run_with({{"lr", {0.1, 0.1}},
                                    {"running_loss", {kNaN, 40}},
                                    {"grad_norm", {kNaN, kNaN}},
                                    {"val_accuracy", {0.5, 0.6}},
                                    {"val_f1", {0.4, 0.6}},
                                    {"sharpness", {3, 4}}});
  std::vector<std::string> names;
  for (const Figure& figure : figures({run})) names.push_back(figure.name);
  EXPECT_EQ(names, (std::vector<std::string>{"loss", "metric", "sharpness"}));
  EXPECT_EQ(figures({run}, {"lr", "metric"})[1].label, "accuracy");
  const RecordedRun other = run_with({{"lr", {0.2, 0.2}}});
  EXPECT_EQ(figures({run, other})[2].name, "lr");  // differs between the runs
}

TEST(Figures, OfAFormulaAreOfF) {
  const auto labels = [](const std::vector<RecordedRun>& runs) {
    std::string all;
    for (const Figure& figure : figures(runs, {"loss", "grad_norm"})) all += figure.label + "; ";
    return all;
  };
  const RecordedRun network = run_with({{"train_loss", {2, 1}}, {"grad_norm", {2, 1}}});
  RecordedRun formula = network;
  formula.start = {{"formula", "x^2"}};
  RecordedRun scaled = formula;
  scaled.start["config"]["objective"]["scale"] = "auto";
  EXPECT_EQ(labels({network, network}), "loss per row, L/N; gradient norm, ‖∇L‖; ");
  EXPECT_EQ(labels({formula}), "f, the value; gradient norm, ‖∇f‖; ");
  EXPECT_EQ(labels({scaled, scaled}), "f, the value; gradient norm, ‖D∇f‖; ");
  EXPECT_EQ(labels({formula, scaled}), "f, the value; gradient norm; ");
  EXPECT_EQ(labels({network, formula}), "loss per row, of formulas f; gradient norm; ");
}

TEST(Figures, JoinsWhatIsMeasuredNowAndThen) {
  const RecordedRun run = run_with({{"sharpness", {3, kNaN, kNaN, 5}}, {"train_loss", {3, kNaN, 2, 1}}});
  const std::vector<Figure> found = figures({run}, {"sharpness", "loss"});
  EXPECT_EQ(found[0].curves[0].epoch, (std::vector<double>{1, 4}));
  EXPECT_EQ(found[0].curves[0].y, (std::vector<double>{3, 5}));
  EXPECT_EQ(found[1].curves[0].y.size(), 4u);  // a loss that is no number is a gap
}

TEST(Figures, HasALogAxisWhereValuesSpanDecades) {
  const auto is_log = [](std::vector<double> values) {
    return figures({run_with({{"train_loss", std::move(values)}})}, {"loss"})[0].log;
  };
  EXPECT_TRUE(is_log({500, 3}));
  EXPECT_FALSE(is_log({50, 3}));
  EXPECT_TRUE(is_log({500, 3, 0}));
  EXPECT_FALSE(is_log({500, 3, -1}));
  const RecordedRun accurate = run_with({{"val_accuracy", {0.001, 1}}});
  EXPECT_FALSE(figures({accurate}, {"metric"})[0].log);
  EXPECT_TRUE(figures({accurate}, {"metric"}, Scale::log)[0].log);
  EXPECT_FALSE(figures({run_with({{"lr", {1, 1e-9}}})}, {"lr"}, Scale::linear)[0].log);
}

TEST(Figures, ShowALossThatNeverWasANumber) {
  EXPECT_EQ(figures({run_with({{"train_loss", {kNaN, kNaN}}})})[0].curves[0].y.size(), 2u);
}

TEST(Figures, NamesWhatThereIsWhenAskedForWhatThereIsNot) {
  const RecordedRun run = run_with({{"train_loss", {2, 1}}, {"lr", {1, 1}}});
  EXPECT_EQ(refusal(run, "sharpness"), "sharpness was not logged; there are loss, lr, train_loss");
  EXPECT_EQ(refusal(run, "lss"), "unknown figure 'lss'; did you mean 'loss'? (known: loss, lr, train_loss)");
  EXPECT_EQ(figures({run}, {"train_loss"})[0].curves[0].y, (std::vector<double>{2, 1}));
}

TEST(Figures, KeepsTheSpikesOfALongRunWhenItThinsIt) {
  std::vector<double> values(100'000, 1);
  values[54'321] = 77;
  values[12'345] = -5;
  values[99'999] = 2;
  const Figure figure = figures({run_with({{"loss_x", values}})}, {"loss_x"})[0];
  const AlignedFigure thin = aligned(figure, 1000);
  EXPECT_LE(thin.epoch.size(), 1000u);
  EXPECT_GE(thin.epoch.size(), 300u);
  EXPECT_TRUE(std::ranges::is_sorted(thin.epoch));
  EXPECT_EQ(std::ranges::max(thin.values[0]), 77);
  EXPECT_EQ(std::ranges::min(thin.values[0]), -5);
  EXPECT_EQ(thin.epoch.back(), 100'000);
  EXPECT_EQ(thin.values[0].back(), 2);
}

TEST(Figures, AlignsRunsOfDifferentLength) {
  const AlignedFigure rows =
      aligned(figures({run_with({{"lr", {1, 2, 3}}}), run_with({{"lr", {4, 5}}})}, {"lr"})[0], 100);
  EXPECT_EQ(rows.epoch, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(rows.values[0], (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(rows.values[1][1], 5);
  EXPECT_TRUE(std::isnan(rows.values[1][2]));
}

TEST(Differences, NameOnlyWhatDiffers) {
  const std::vector<RecordedRun> runs{
      run_called("a",
                 {{"optimizer.learning_rate", "0.1"}, {"run.out_dir", "x"}, {"log.every", "1"}, {"run.seed", "1"}}),
      run_called("b", {{"optimizer.learning_rate", "0.2"},
                       {"run.out_dir", "y"},
                       {"log.every", "2"},
                       {"run.seed", "1"},
                       {"train.l2", "3"}})};
  EXPECT_EQ(legend_names(runs), (std::vector<std::string>{"learning_rate 0.1, l2 –", "learning_rate 0.2, l2 3"}));
  const std::vector<SettingsRow> rows = compare_settings(runs);
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_TRUE(rows[0].differs);
  EXPECT_FALSE(rows[1].differs);  // where it was kept
  EXPECT_TRUE(rows[2].differs);
  EXPECT_FALSE(rows[3].differs);
}

TEST(Differences, CallRunsAlikeByTheirFolders) {
  const RecordedRun a = run_called("a", {{"run.seed", "1"}}), b = run_called("b", {{"run.seed", "1"}}),
                    c = run_called("c", {{"run.seed", "2"}});
  EXPECT_EQ(legend_names({a}), std::vector<std::string>{"a"});
  EXPECT_EQ(legend_names({a, b}), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(legend_names({a, b, c}), (std::vector<std::string>{"seed 1 (a)", "seed 1 (b)", "seed 2"}));
}

TEST(Differences, CallRunsOfDifferentKindsByTheirFolders) {
  std::vector<Setting> one, other;
  for (const char* key : {"a.a", "a.b", "a.c", "a.d", "a.e"}) {
    one.emplace_back(key, "1");
    other.emplace_back(key, "2");
  }
  EXPECT_EQ(legend_names({run_called("x", one), run_called("y", other)}), (std::vector<std::string>{"x", "y"}));
}

TEST(Differences, UseWholeNamesWhereShortOnesAreAlike) {
  const RecordedRun a =
      run_called("a", {{"schedule.patience", "1"}, {"early_stopping.patience", "2"}, {"data.path", "/x/i.csv"}});
  const RecordedRun b =
      run_called("b", {{"schedule.patience", "3"}, {"early_stopping.patience", "4"}, {"data.path", "/x/j.csv"}});
  EXPECT_EQ(legend_names({a, b})[0], "schedule.patience 1, early_stopping.patience 2, path i.csv");
}

}  // namespace
}  // namespace descent
