#include "datasets/encoding.hpp"
#include "tests/datasets/data_checks.hpp"

#include <limits>
#include <numeric>

namespace descent {
namespace {

using testing::error_of;

Table read(std::string_view text, const EncodingOptions& options = {}, const char* source = "t.csv") {
  return parse_csv(text, source, csv_options(options));
}

Encoding fit(const Table& table, const EncodingOptions& options = {}) {
  std::vector<std::uint32_t> rows(table.rows());
  std::iota(rows.begin(), rows.end(), 0u);
  return Encoding::fit(table, rows, options);
}

std::string fit_error(std::string_view text, const EncodingOptions& options, Fault fault = Fault::data) {
  return error_of(fault, [&] { fit(read(text, options), options); });
}

// What is said about `later` by an encoding fitted on `text`.
std::string encode_error(std::string_view text, std::string_view later, const EncodingOptions& options = {},
                         bool with_targets = true) {
  const Encoding encoding = fit(read(text, options), options);
  return error_of(Fault::data, [&] {
    encoding.encode(parse_csv(later, "new.csv", csv_options(encoding, with_targets)), with_targets);
  });
}

TEST(EncodingErrors, NameAColumnThatIsNotThere) {
  const std::string_view text = "sepal_length,species\n1,2\n3,4\n";
  EXPECT_EQ(fit_error(text, {.targets = {"spezies"}}),
            "t.csv: no column 'spezies'; did you mean 'species'? (columns: sepal_length, species)");
  EXPECT_EQ(fit_error(text, {.inputs = {"width"}}), "t.csv: no column 'width' (columns: sepal_length, species)");
  EXPECT_EQ(fit_error(text, {.ignore = {"sepal_lenght"}}),
            "t.csv: no column 'sepal_lenght'; did you mean 'sepal_length'? (columns: sepal_length, species)");
  EXPECT_EQ(fit_error(text, {.categorical = {"x"}}), "t.csv: no column 'x' (columns: sepal_length, species)");
  EXPECT_EQ(encode_error(text, "sepal_lenght,mess\n1,2\n", {}, false),
            "new.csv: no column 'sepal_length'; did you mean 'sepal_lenght'? (columns: sepal_lenght, mess)");
}

TEST(EncodingErrors, CutALongListOfColumns) {
  std::string header = "c0", row = "1";
  for (int i = 1; i < 40; ++i) header += ",c" + std::to_string(i), row += ",1";
  const std::string message = fit_error(header + "\n" + row + "\n", {.targets = {"label"}});
  EXPECT_TRUE(message.ends_with("c28, c29, …)")) << message;
}

TEST(EncodingErrors, NameAColumnThatWasLeftOut) {
  const Table table = parse_csv("x,y,z\n1,2,3\n", "t.csv", {.skip_columns = {"x"}});
  EXPECT_EQ(error_of(Fault::data, [&] { fit(table, {.inputs = {"x"}}); }),
            "t.csv: column 'x' is needed but was left out when the file was read");
}

TEST(EncodingErrors, RefuseOptionsThatContradictEachOther) {
  const std::string_view text = "x,y,z\n1,2,3\n4,5,6\n";
  EXPECT_EQ(fit_error(text, {.targets = {"y"}, .inputs = {"x", "y"}}, Fault::config),
            "column 'y' is both in data.target and in data.inputs; remove it from one of them");
  EXPECT_EQ(fit_error(text, {.targets = {"y"}, .ignore = {"y"}}, Fault::config),
            "column 'y' is both in data.target and in data.ignore; remove it from one of them");
  EXPECT_EQ(fit_error(text, {.inputs = {"x"}, .ignore = {"x"}}, Fault::config),
            "column 'x' is both in data.inputs and in data.ignore; remove it from one of them");
  EXPECT_EQ(fit_error(text, {.targets = {"y", "y"}}, Fault::config), "data.target lists 'y' twice");
  EXPECT_EQ(fit_error(text, {.inputs = {"z"}}, Fault::config),
            "t.csv: the last column 'z' would be the target, but it is in data.inputs; set data.target");
  EXPECT_EQ(fit_error(text, {.targets = {"y", "z"}, .target_kind = TargetKind::classes}, Fault::config),
            "a loss over classes takes one target column, but data.target lists 2: y, z");
}

TEST(EncodingErrors, NeedAnInputAndATarget) {
  EXPECT_EQ(fit_error("y\n1\n2\n", {}),
            "t.csv: no input column is left beside the target 'y'; if the file has more columns, name what divides "
            "them in data.delimiter");
  EXPECT_EQ(fit_error("x,y\n1,2\n", {.ignore = {"x", "y"}}), "t.csv: no column is left to predict");
}

TEST(EncodingErrors, NeedRowsToTrainOn) {
  const Table table = read("x,y\n1,2\n,4\n", {.missing = Missing::drop_row});
  const std::uint32_t holed[] = {1};
  EXPECT_EQ(error_of(Fault::data, [&] { Encoding::fit(table, holed, {.missing = Missing::drop_row}); }),
            "t.csv: no row to train on");
  const Table all_holed = read("x,z,y\n1,,2\n,3,4\n");
  EXPECT_EQ(error_of(Fault::data, [&] { usable_rows(all_holed, {.missing = Missing::drop_row}); }),
            "t.csv: every row has a missing cell; set data.missing to mean or median");
}

TEST(EncodingErrors, PlaceEveryMissingCell) {
  const Table table = read("x,c,y\n1,?,3\n ,b,4\n5,NA,\n");
  const std::string remedy = "; set data.missing to drop_row, mean or median";
  const std::string inputs = "t.csv:2:3: no value in column 'c'" + remedy + "\nt.csv:3:2: no value in column 'x'" +
                             remedy + "\nt.csv:4:3: no value in column 'c'" + remedy;
  const std::string target = "t.csv:4:6: no value in column 'y'; fill it in, or set data.missing to drop_row";
  EXPECT_EQ(error_of(Fault::data, [&] { usable_rows(table, {}); }), inputs + "\n" + target);
  EXPECT_EQ(error_of(Fault::data, [&] { fit(table); }), inputs + "\n" + target);
  EXPECT_EQ(error_of(Fault::data, [&] { usable_rows(table, {.missing = Missing::mean}); }), target);
  EXPECT_EQ(encode_error("x,y\n1,2\n3,4\n", "x,y\n,2\n3,\n"),
            "new.csv:2:1: no value in column 'x'; fill it in, or train with data.missing set to drop_row, mean or "
            "median\n"
            "new.csv:3:3: no value in column 'y'; fill it in, or train with data.missing set to drop_row");
}

TEST(EncodingErrors, ListTenMissingCellsOfTheFirstRows) {
  std::string text = "x,y\n", expected;
  for (int line = 2; line < 40; ++line) {
    text += "NA,1\n";
    if (line < 12)
      expected += "t.csv:" + std::to_string(line) +
                  ":1: no value in column 'x'; set data.missing to drop_row, mean or median\n";
  }
  EXPECT_EQ(error_of(Fault::data, [&] { usable_rows(read(text), {}); }), expected + "… and more");
}

TEST(EncodingErrors, RefuseAColumnWithoutValues) {
  const EncodingOptions mean{.missing = Missing::mean};
  EXPECT_EQ(fit_error("x,y\n,2\nNA,4\n", mean),
            "t.csv: column 'x' has no value in the training rows; list it in data.ignore");
  const EncodingOptions text{.categorical = {"x"}, .missing = Missing::mean};
  EXPECT_EQ(fit_error("x,y\n,2\nNA,4\n", text),
            "t.csv: column 'x' has no value in the training rows; list it in data.ignore");
}

TEST(EncodingErrors, NeedTwoClasses) {
  EXPECT_EQ(fit_error("x,y\n1,a\n2,a\n", {.target_kind = TargetKind::classes}),
            "t.csv: column 'y' has only one class, 'a'; there is nothing to tell apart");
  EXPECT_EQ(fit_error("x,y\n1,a\n2,a\n", {.target_kind = TargetKind::binary}),
            "t.csv: column 'y' has only one class, 'a'; there is nothing to tell apart");
  EXPECT_EQ(fit_error("x,y\n1,1\n2,1\n", {.target_kind = TargetKind::binary}),
            "t.csv: column 'y' has only one class, '1'; there is nothing to tell apart");
}

TEST(EncodingErrors, RefuseThreeClassesForABinaryLoss) {
  EXPECT_EQ(fit_error("x,y\n1,a\n2,b\n3,c\n", {.target_kind = TargetKind::binary}),
            "t.csv: column 'y' has 3 classes (a, b, c), but a binary loss takes two; set train.loss to cross_entropy");
}

TEST(EncodingErrors, RefuseTextForNumbers) {
  EXPECT_EQ(fit_error("x,y\n1,a\n2,b\n", {}),
            "t.csv:2:3: 'a' in column 'y' is not a number; correct it, or set train.loss to cross_entropy if the "
            "column holds classes\n"
            "t.csv:3:3: 'b' in column 'y' is not a number; correct it, or set train.loss to cross_entropy if the "
            "column holds classes");
  const Encoding encoding = fit(read("x,y\n1,2\n3,4\n"));
  const Table text = parse_csv("x,y\na,b\n", "new.csv");
  EXPECT_EQ(error_of(Fault::data, [&] { encoding.encode(text, true); }),
            "new.csv:2:1: 'a' in column 'x' is not a number\nnew.csv:2:3: 'b' in column 'y' is not a number");
}

TEST(EncodingErrors, RefuseInfinityInMadeTables) {
  Table table = read("x,y\n1,2\n3,4\n");
  const Encoding encoding = fit(table);
  table.columns[0].numbers[1] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(error_of(Fault::data, [&] { fit(table); }), "t.csv:3: 'inf' in column 'x' is not finite; correct it");
  table.columns[1].numbers[0] = -std::numeric_limits<double>::infinity();
  EXPECT_EQ(error_of(Fault::data, [&] { encoding.encode(table, true); }),
            "t.csv:2: '-inf' in column 'y' is not finite\nt.csv:3: 'inf' in column 'x' is not finite");
}

TEST(EncodingErrors, RefuseWhatCannotBeStandardized) {
  EXPECT_EQ(encode_error("x,y\n1e-300,2\n3e-300,4\n", "x\n1e300\n", {}, false),
            "new.csv:2: '1e+300' in column 'x' is too far from the training data to be standardised");
}

TEST(EncodingErrors, NameAnUnseenCategory) {
  EXPECT_EQ(encode_error("c,y\nPerch,2\nPike,4\n", "c,y\nPike,1\nBream,2\n"),
            "new.csv:3:1: 'Bream' in column 'c' is not among the categories of the training data: Perch, Pike");
}

TEST(EncodingErrors, NameAnUnseenLabel) {
  const EncodingOptions classes{.target_kind = TargetKind::classes};
  EXPECT_EQ(encode_error("x,y\n1,a\n2,b\n", "x,y\n1,a\n2,c\n", classes),
            "new.csv:3:3: 'c' in column 'y' is not a class of the training data: a, b");
  std::string text = "x,y\n", known;
  for (int i = 0; i < 25; ++i) text += "1," + std::to_string(i) + "\n";
  for (int i = 0; i < 20; ++i) known += std::to_string(i) + ", ";
  EXPECT_EQ(encode_error(text, "x,y\n1,25\n", classes),
            "new.csv:2:3: '25' in column 'y' is not a class of the training data: " + known + "…");
}

TEST(EncodingErrors, NameTargetsThatTheLossCannotTake) {
  EXPECT_EQ(fit(read("x,y\n1,0\n2,1\n", {.target_kind = TargetKind::binary}), {.target_kind = TargetKind::binary})
                .targets[0]
                .name,
            "y");
  EXPECT_EQ(encode_error("x,y\n1,0\n2,1\n", "x,y\n1,2\n2,0.5\n", {.target_kind = TargetKind::binary}),
            "new.csv:2:3: '2' in column 'y' is neither 0 nor 1, as a binary loss needs; for classes set train.loss to "
            "cross_entropy\n"
            "new.csv:3:3: '0.5' in column 'y' is neither 0 nor 1, as a binary loss needs; for classes set train.loss "
            "to cross_entropy");
  EXPECT_EQ(encode_error("x,y\n1,0\n2,1\n", "x,y\n1,2\n2,-1\n", {.target_kind = TargetKind::counts}),
            "new.csv:3:3: '-1' in column 'y' is not a count; counts are numbers of at least 0");
}

TEST(EncodingErrors, RefuseMoreInputsThanMemoryHolds) {
  Table table;
  table.source = "<made>";
  constexpr std::uint32_t kRows = 300'000;
  Column names{"name", true, {}, {}, {}, {}}, y{"y", false, {}, {}, {}, {}};
  for (std::uint32_t i = 0; i < kRows; ++i) {
    names.codes.push_back(i);
    names.categories.push_back(std::to_string(i));
    y.numbers.push_back(i);
  }
  table.columns = {names, y};
  const Encoding encoding = fit(table);
  EXPECT_EQ(error_of(Fault::data, [&] { encoding.encode(table, true); }),
            "<made>: 300000 rows of 300000 inputs do not fit in memory; leave columns out with data.ignore (column "
            "'name' has 300000 categories)");
}

TEST(EncodingErrors, NeedARowThatIsWhole) {
  EXPECT_EQ(encode_error("x,y\n1,2\n3,4\n", "x,y\n,2\n", {.missing = Missing::drop_row}),
            "new.csv: no row is left, for every one has a missing cell");
  const Encoding encoding = fit(read("x,y\n1,2\n3,4\n"));
  Table empty;
  empty.source = "<made>";
  empty.columns = {Column{"x", false, {}, {}, {}, {}}};
  EXPECT_EQ(error_of(Fault::data, [&] { encoding.encode(empty, false); }), "<made>: no rows");
}

}  // namespace
}  // namespace descent
