#include "datasets/encoding.hpp"

#include "datasets/split.hpp"
#include "datasets/statistics.hpp"
#include "tests/datasets/data_checks.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace descent {
namespace {

using Rows = std::vector<std::uint32_t>;
using Texts = std::vector<std::string>;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Rows first_rows(std::size_t n) {
  Rows rows(n);
  std::iota(rows.begin(), rows.end(), 0u);
  return rows;
}

Table read(std::string_view text, const EncodingOptions& options = {}) {
  return parse_csv(text, "t.csv", csv_options(options));
}

// Fitted on all rows.
Encoding fit(const Table& table, const EncodingOptions& options = {}, Texts* warnings = nullptr) {
  return Encoding::fit(table, first_rows(table.rows()), options, warnings);
}

std::vector<double> row(const Matrix<double>& m, std::size_t i) {
  return {m.data() + i * m.shape(1), m.data() + (i + 1) * m.shape(1)};
}

constexpr std::string_view kSmall = "x,colour,y\n1,red,10\n3,blue,20\n5,red,60\n";

TEST(Encoding, StandardizesNumbersAndSpreadsCategories) {
  const Table table = read(kSmall);
  const Encoding encoding = fit(table);
  EXPECT_EQ(encoding.input_names(), (Texts{"x", "colour=blue", "colour=red"}));
  EXPECT_EQ(encoding.output_names(), Texts{"y"});
  EXPECT_EQ(encoding.input_width(), 3u);
  EXPECT_EQ(encoding.output_width(), 1u);
  EXPECT_EQ(encoding.input_mean, (std::vector<double>{3, 0, 0}));
  EXPECT_DOUBLE_EQ(encoding.input_scale[0], std::sqrt(8.0 / 3));
  EXPECT_EQ(encoding.input_scale[2], 1.0);

  const Dataset data = encoding.encode(table, true);
  EXPECT_EQ(data.size(), 3u);
  EXPECT_EQ(row(data.inputs, 0), (std::vector<double>{-2 / std::sqrt(8.0 / 3), 0, 1}));
  EXPECT_EQ(row(data.inputs, 1), (std::vector<double>{0, 1, 0}));
  EXPECT_DOUBLE_EQ(data.targets(2, 0), 30 / std::sqrt(1400.0 / 3));
  EXPECT_EQ(data.rows, first_rows(3));
  EXPECT_EQ(data.target_names, Texts{"y"});
  EXPECT_TRUE(data.classes.empty());
}

TEST(Encoding, DecodesWhatItStandardized) {
  const Table table = read(kSmall);
  const Encoding encoding = fit(table);
  Dataset data = encoding.encode(table, true);
  encoding.decode_targets(view(data.targets));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(data.targets(i, 0), table.columns[2].numbers[i], 1e-12);

  const Encoding counts = fit(table, {.target_kind = TargetKind::counts});
  Dataset raw = counts.encode(table, true);
  EXPECT_EQ(raw.targets(2, 0), 60);
  counts.decode_targets(view(raw.targets));
  EXPECT_EQ(raw.targets(2, 0), 60);
}

TEST(Encoding, LeavesNumbersAloneWhenTold) {
  const Table table = read(kSmall);
  const Dataset data = fit(table, {.standardize = false, .standardize_targets = false}).encode(table, true);
  EXPECT_EQ(row(data.inputs, 2), (std::vector<double>{5, 0, 1}));
  EXPECT_EQ(data.targets(2, 0), 60);
}

TEST(Encoding, ReadsClassesFromTextOrWholeNumbers) {
  const EncodingOptions options{.targets = {"y"}, .target_kind = TargetKind::classes};
  for (const char* text : {"x,y\n1,10\n2,9\n3,10\n", "y,x\n10,1\n9,2\n10,3\n"}) {
    const Table table = read(text, options);
    const Encoding encoding = fit(table, options);
    const Dataset data = encoding.encode(table, true);
    EXPECT_EQ(data.classes, (Texts{"9", "10"}));
    EXPECT_EQ(encoding.output_names(), data.classes);
    EXPECT_EQ(encoding.output_width(), 2u);
    EXPECT_EQ(data.targets(0, 0), 1);
    EXPECT_EQ(data.targets(1, 0), 0);
  }
  const Table numbers = parse_csv("x,y\n1,10\n2,9\n3,10\n", "t.csv");
  EXPECT_EQ(fit(numbers, options).encode(numbers, true).classes, (Texts{"9", "10"}));
}

TEST(Encoding, ReadsBinaryTargets) {
  const EncodingOptions options{.targets = {"p", "q"}, .target_kind = TargetKind::binary};
  const Table table = read("x,p,q\n1,0,yes\n2,1,no\n3,1,yes\n", options);
  const Encoding encoding = fit(table, options);
  EXPECT_TRUE(encoding.targets[0].classes.empty());
  EXPECT_EQ(encoding.targets[1].classes, (Texts{"no", "yes"}));
  const Dataset data = encoding.encode(table, true);
  EXPECT_EQ(row(data.targets, 0), (std::vector<double>{0, 1}));
  EXPECT_EQ(row(data.targets, 1), (std::vector<double>{1, 0}));
  EXPECT_EQ(encoding.output_names(), (Texts{"p", "q"}));
}

TEST(Encoding, PredictsTheLastColumnThatIsNotIgnored) {
  const EncodingOptions options{.ignore = {"note"}};
  const Table table = read("x,y,note\n1,2,oops\n3,4,5\n", options);
  EXPECT_EQ(fit(table, options).targets[0].name, "y");
  EXPECT_EQ(fit(parse_csv("x,y,note\n1,2,3\n3,4,5\n", "t.csv"), options).targets[0].name, "y");
  const EncodingOptions classes{.ignore = {"note"}, .target_kind = TargetKind::classes};
  EXPECT_TRUE(read("x,y,note\n1,2,oops\n3,4,5\n", classes).columns[1].is_text);
}

TEST(Encoding, ReadsListedNumbersAsCategories) {
  const EncodingOptions options{.categorical = {"zip"}};
  EXPECT_EQ(fit(read("zip,y\n010,1\n10,2\n", options), options).input_names(), (Texts{"zip=010", "zip=10"}));
  EXPECT_EQ(fit(parse_csv("zip,y\n10,1\n9,2\n", "t.csv"), options).input_names(), (Texts{"zip=9", "zip=10"}));
}

TEST(Encoding, ReadsALaterFileInAnyOrderAmongRubbish) {
  const EncodingOptions options{.target_kind = TargetKind::classes};
  const Table table = read("x,zip,y\n1,a,u\n2,7,v\n", {.categorical = {"zip"}, .target_kind = TargetKind::classes});
  const Encoding encoding = fit(table, options);
  EXPECT_EQ(encoding.input_names(), (Texts{"x", "zip=7", "zip=a"}));
  const Table later = parse_csv("mess,zip,more,x\n1,7,?,2\nb,7,,1\n", "later.csv", csv_options(encoding, false));
  const Dataset data = encoding.encode(later, false);
  EXPECT_EQ(row(data.inputs, 0), (std::vector<double>{1, 1, 0}));
  EXPECT_EQ(row(data.inputs, 1), (std::vector<double>{-1, 1, 0}));
  EXPECT_EQ(data.targets.shape(0), 2u);
  EXPECT_EQ(data.targets.shape(1), 0u);
}

TEST(Encoding, ReadsALaterFileThatWasReadWithoutHints) {
  const Table table = read("x,y\n1,2\n3,4\n");
  const Encoding encoding = fit(table);
  const Table text = parse_csv("x,y\n1,2\n3,\n5,4\n", "later.csv", {.text_columns = {"x", "y"}});
  EXPECT_EQ(encoding.encode(text, false).inputs(0, 0), -1);
}

TEST(Encoding, DropsRowsWithMissingCells) {
  const EncodingOptions options{.missing = Missing::drop_row};
  const Table table = read("x,c,y\n1,a,1\n,b,2\n3,?,3\n5,a,\n7,b,4\n", options);
  const Rows rows = usable_rows(table, options);
  EXPECT_EQ(rows, (Rows{0, 4}));
  const Encoding encoding = fit(table, options);
  EXPECT_EQ(encoding.input_mean[0], 4);
  const Dataset data = encoding.encode(table, true);
  EXPECT_EQ(data.rows, rows);
  EXPECT_EQ(encoding.encode(table, false).rows, (Rows{0, 3, 4})) << "targets do not matter for inputs";
}

TEST(Encoding, FillsMissingCellsFromTheTrainingRows) {
  const std::string_view text = "x,c,y\n1,b,1\n2,b,2\n6,a,3\n,?,4\n900,a,5\n";
  for (const auto& [missing, fill] : {std::pair(Missing::mean, 3.0), std::pair(Missing::median, 2.0)}) {
    const EncodingOptions options{.missing = missing, .standardize = false};
    const Table table = read(text, options);
    EXPECT_EQ(usable_rows(table, options).size(), 5u);
    const Encoding encoding = Encoding::fit(table, first_rows(4), options);
    EXPECT_DOUBLE_EQ(encoding.inputs[0].fill, fill);
    EXPECT_EQ(encoding.inputs[1].fill, 1) << "b is the most frequent";
    const Dataset data = encoding.encode(table, true);
    EXPECT_EQ(data.inputs(3, 0), encoding.inputs[0].fill);
    EXPECT_EQ(data.inputs(3, 2), 1);
    EXPECT_EQ(data.inputs(3, 1), 0);
  }
}

TEST(Encoding, StandardizesTheFilledColumn) {
  const EncodingOptions options{.missing = Missing::median};
  const Table table = read("x,y\n1,1\n2,2\n9,3\n,4\n", options);
  const Dataset data = fit(table, options).encode(table, true);
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < 4; ++i) sum += data.inputs(i, 0), squares += data.inputs(i, 0) * data.inputs(i, 0);
  EXPECT_NEAR(sum, 0, 1e-14);
  EXPECT_NEAR(squares, 4, 1e-14);
}

TEST(Encoding, TakesNoFigureFromOtherRows) {
  const std::string text = "x,c,y\n1,a,4\n2,b,5\n,a,9\n4,a,1\n5,b,2\n";
  for (const Missing missing : {Missing::mean, Missing::median, Missing::drop_row}) {
    const EncodingOptions options{.missing = missing};
    const Table table = read(text, options);
    const Encoding before = Encoding::fit(table, first_rows(3), options);
    for (const double absurd : {kNan, 1e300, -1e-300}) {
      Table other = table;
      other.columns[0].numbers[3] = other.columns[0].numbers[4] = absurd;
      other.columns[2].numbers[3] = other.columns[2].numbers[4] = std::isnan(absurd) ? 7 : absurd;
      other.columns[1].codes[3] = other.columns[1].codes[4] = kMissingCode;
      const Encoding after = Encoding::fit(other, first_rows(3), options);
      EXPECT_EQ(after.input_mean, before.input_mean);
      EXPECT_EQ(after.input_scale, before.input_scale);
      EXPECT_EQ(after.target_mean, before.target_mean);
      EXPECT_EQ(after.target_scale, before.target_scale);
      for (std::size_t k = 0; k < 2; ++k) EXPECT_EQ(after.inputs[k].fill, before.inputs[k].fill);
    }
  }
  const Table table = read("x,y\n1,4\n2,5\n3,6\n");
  Table other = table;
  other.columns[0].numbers[2] = other.columns[1].numbers[2] = kNan;
  EXPECT_EQ(Encoding::fit(other, first_rows(2), {}).input_mean, Encoding::fit(table, first_rows(2), {}).input_mean);
}

TEST(Encoding, WarnsOfWhatTeachesNothing) {
  Texts warnings;
  const EncodingOptions classes{.target_kind = TargetKind::classes};
  const Table table = read("flat,x,y\n0.1,1,a\n0.1,2,b\n0.1,3,c\n", classes);
  const Encoding encoding = Encoding::fit(table, first_rows(2), classes, &warnings);
  EXPECT_EQ(warnings, (Texts{"constant over the training rows, so it teaches nothing and is not scaled: 'flat' is 0.1",
                             "no training row has the class 'c' of column 'y'"}));
  EXPECT_EQ(encoding.input_scale[0], 1);
  EXPECT_EQ(encoding.encode(table, true).inputs(0, 0), 0);

  warnings.clear();
  std::string text = "name,y\n";
  for (int i = 0; i < 30; ++i) text += "n" + std::to_string(i) + "," + std::to_string(i) + ".5\n";
  fit(read(text, classes), classes, &warnings);
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_EQ(warnings[0], "column 'name' has 30 categories in 30 rows; if it names the rows, list it in data.ignore");
  EXPECT_EQ(
      warnings[1],
      "column 'y' has 30 classes in 30 rows; if it holds numbers to predict, set train.loss to a loss for numbers");

  warnings.clear();
  fit(read("k,y\nb,yes\nc,no\n\"b \",Yes\na,no\n", classes), classes, &warnings);
  EXPECT_EQ(warnings, (Texts{"column 'k' has both 'b' and 'b '; make them one if they mean the same",
                             "column 'y' has both 'Yes' and 'yes'; make them one if they mean the same"}));
  warnings.clear();
  fit(read("x,y\n1,5\n2,5\n"), {}, &warnings);
  EXPECT_EQ(warnings, Texts{"target 'y' is 5 in every training row"});
  warnings.clear();
  const EncodingOptions binary{.targets = {"p", "q"}, .target_kind = TargetKind::binary};
  fit(read("x,p,q\n1,0,1\n2,1,1\n", binary), binary, &warnings);
  EXPECT_EQ(warnings, Texts{"column 'q' is 1 in every training row"});
}

TEST(Encoding, GivesLabelsToStratifyBy) {
  const EncodingOptions classes{.target_kind = TargetKind::classes};
  const Table table = read("x,y\n1,b\n2,a\n3,b\n", classes);
  EXPECT_EQ(class_labels(table, Rows{0, 1, 2}, classes), (Rows{1, 0, 1}));
  EXPECT_EQ(class_labels(table, Rows{1}, classes), Rows{0});
  EXPECT_EQ(target_columns(table, classes)[0]->name, "y");
  const EncodingOptions binary{.target_kind = TargetKind::binary};
  EXPECT_EQ(class_labels(read("x,y\n1,1\n2,0\n", binary), Rows{0, 1}, binary), (Rows{1, 0}));
  EXPECT_TRUE(class_labels(read("x,y\n1,1\n2,0\n"), Rows{0, 1}, {}).empty());
}

TEST(Encoding, SelectsRowsOfADataset) {
  const Table table = read(kSmall);
  const Dataset data = fit(table).encode(table, true);
  const Dataset some = select(data, {2, 0});
  EXPECT_EQ(some.size(), 2u);
  EXPECT_EQ(some.rows, (Rows{2, 0}));
  EXPECT_EQ(row(some.inputs, 0), row(data.inputs, 2));
  EXPECT_EQ(row(some.targets, 1), row(data.targets, 0));
  EXPECT_EQ(some.input_names, data.input_names);
}

TEST(Statistics, KeepsItsDigits) {
  const Spread shifted = spread_of(std::vector<double>{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16});
  EXPECT_EQ(shifted.mean, 1e9 + 10);
  EXPECT_DOUBLE_EQ(shifted.scale, std::sqrt(22.5));
  const double huge = std::numeric_limits<double>::max();
  const Spread wide = spread_of(std::vector<double>{-huge, huge});
  EXPECT_EQ(wide.mean, 0);
  EXPECT_DOUBLE_EQ(wide.scale, huge);
  EXPECT_TRUE(spread_of(std::vector<double>{0.3, 0.1 + 0.2}).constant) << "equal but for rounding";
  EXPECT_TRUE(spread_of(std::vector<double>{5e-324, 0}).constant) << "a scale that no division survives";
  EXPECT_EQ(spread_of(std::vector<double>{7}).scale, 1);
  EXPECT_EQ(median_of({3, 1, 2}), 2);
  EXPECT_EQ(median_of({4, 1, 2, 3}), 2.5);
}

TEST(Encoding, EncodesTheEndsOfTheDoubleRange) {
  const Table table = read("x,y\n1.7e308,1\n-1.7e308,2\n-1.7e308,3\n");
  const Dataset data = fit(table).encode(table, true);
  EXPECT_NEAR(data.inputs(0, 0), std::sqrt(2.0), 1e-12);
}

}  // namespace
}  // namespace descent
