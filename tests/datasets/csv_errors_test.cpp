#include "datasets/csv.hpp"
#include "datasets/csv_scan.hpp"
#include "tests/datasets/data_checks.hpp"

#include <gtest/gtest.h>

namespace descent {
namespace {

std::string data_error(std::string_view text, const CsvOptions& options = {}) {
  return testing::error_of(Fault::data, [&] { parse_csv(text, "t.csv", options); });
}

TEST(CsvErrors, NamesTextAmongNumbers) {
  EXPECT_EQ(data_error("x,y\n1,2\n3, abc\n5,6\n"),
            "t.csv:3:4: 'abc' in column 'y' is not a number (2 of 3 cells are); correct it, or list the column in "
            "data.categorical or data.ignore");
  EXPECT_EQ(data_error("x,y\n1,2\n3,abc\n5,6\n", {.number_columns = {"y"}}),
            "t.csv:3:3: 'abc' in column 'y' is not a number; correct it");
  EXPECT_EQ(data_error("x,y\n1,p\n3,q\n5,r\n", {.form = {.header = true}, .number_columns = {"y"}}),
            "t.csv:2:3: 'p' in column 'y' is not a number; correct it");
}

TEST(CsvErrors, NamesAColumnOfTextsWithNumbersOnce) {
  EXPECT_EQ(data_error("n,y\n1,2\n2,b\n3,c\n"),
            "t.csv:3:3: 'b' in column 'y' is not a number (1 of 3 cells is); correct it, or list the column in "
            "data.categorical or data.ignore");
}

TEST(CsvErrors, NamesWhatIsNotFinite) {
  EXPECT_EQ(data_error("x,y\n1,inf\n1e999,2\n3,-Infinity\n"),
            "t.csv:2:3: 'inf' in column 'y' is not finite; correct it, or leave the cell empty and set data.missing\n"
            "t.csv:3:1: '1e999' in column 'x' is not finite; correct it, or leave the cell empty and set "
            "data.missing\n"
            "t.csv:4:3: '-Infinity' in column 'y' is not finite; correct it, or leave the cell empty and set "
            "data.missing");
  EXPECT_EQ(data_error("x,y\n1,inf\n1,inf\n").substr(0, 44), "t.csv:2:3: 'inf' in column 'y' is not finite");
}

TEST(CsvErrors, GivesBothCountsOfARaggedRow) {
  EXPECT_EQ(data_error("\nx,y\n1,2\n3,4,5\n6\n"),
            "t.csv:4:5: 3 cells where line 2 has 2; quote a cell that holds the delimiter\n"
            "t.csv:5: 1 cell where line 2 has 2; add what is missing, or remove the line");
  EXPECT_EQ(data_error("1,2\n3,4\n5\n"), "t.csv:3: 1 cell where line 1 has 2; add what is missing, or remove the line");
  EXPECT_EQ(data_error("x,y\n1,2\n3,4\n5\n6\n"),
            "t.csv:4: 1 cell where line 1 has 2; add what is missing, or remove the line\n"
            "t.csv:5: 1 cell where line 1 has 2; add what is missing, or remove the line");
}

TEST(CsvErrors, BlamesALineThatNoOtherAgreesWith) {
  EXPECT_EQ(data_error("measured in 2020\na,b\n1,2\n3,4\n"),
            "t.csv:1: 1 cell where the lines below have 2; remove the line if it is a title or a comment, else give "
            "every column a name");
  EXPECT_EQ(data_error("a,b,\"c\"\n1,2\n3,4\n5,6\n"),
            "t.csv:1: 3 cells where the lines below have 2; remove the line if it is a title or a comment, else give "
            "every column a name");
  EXPECT_EQ(data_error("1,2,3\n4,5\n6,7\n"),
            "t.csv:1: 3 cells where the lines below have 2; remove the line if it is a title or a comment, else give "
            "every column a name");
}

TEST(CsvErrors, StopsAfterTenInTheOrderOfTheFile) {
  std::string text = "x,y\n1,2\n", expected;
  for (int line = 3; line < 15; ++line) {
    text += "a,1\n2,3\n";
    if (line > 12) continue;
    expected += "t.csv:" + std::to_string(2 * line - 3) + ":1: 'a' in column 'x' is not a number (13 of 25 cells are)" +
                "; correct it, or list the column in data.categorical or data.ignore\n";
  }
  EXPECT_EQ(data_error(text), expected + "… and more");
}

TEST(CsvErrors, StopsAtAMillionRaggedRowsAfterTen) {
  std::string text = "x,y\n1,2\n";
  for (int i = 0; i < 1'000'000; ++i) text += "1,2,3\n";
  const std::string message = data_error(text, {.form = {.header = true}});
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 10);
}

TEST(CsvErrors, PlacesAnUnclosedQuoteWhereItOpens) {
  EXPECT_EQ(data_error("x,y\n1,\"2\n3,4\n5,6\n"),
            "t.csv:2:3: the quote that opens here is never closed; close it, or double a quote that is meant");
  EXPECT_EQ(data_error("\"x,y\n1,2\n"),
            "t.csv:1:1: the quote that opens here is never closed; close it, or double a quote that is meant");
}

TEST(CsvErrors, RefusesTextAfterAClosingQuote) {
  EXPECT_EQ(data_error("x,y\n1,\"a\"b\n"),
            "t.csv:2:6: text after the closing quote; a quote inside quotes is written twice");
}

TEST(CsvErrors, RefusesALoneCarriageReturn) {
  EXPECT_EQ(data_error("x,y\r1,2\r3,4\r"),
            "t.csv:1:4: a carriage return without a line feed; save the file with Unix (LF) or Windows (CR LF) line "
            "ends");
}

TEST(CsvErrors, RefusesAColumnNamedTwice) {
  EXPECT_EQ(data_error("x,y, x\n1,2,3\n"), "t.csv:1:6: a second column 'x'; give each a name of its own");
  EXPECT_EQ(data_error("column_2,\n1,2\n"), "t.csv:1:10: a second column 'column_2'; give each a name of its own");
}

TEST(CsvErrors, RefusesAFileWithoutRows) {
  EXPECT_EQ(data_error(""), "t.csv: the file is empty; expected a header and rows");
  EXPECT_EQ(testing::error_of(Fault::data, [] { parse_csv("", "<stdin>"); }),
            "<stdin>: nothing came from it; expected a header and rows");
  EXPECT_EQ(data_error("\n \r\n\n"), "t.csv: the file is empty; expected a header and rows");
  EXPECT_EQ(data_error("\xEF\xBB\xBF"), "t.csv: the file is empty; expected a header and rows");
  EXPECT_EQ(data_error("x,y\n\n\n"), "t.csv: no rows, only a header on line 1");
}

TEST(CsvErrors, RefusesTooManyColumns) {
  EXPECT_EQ(data_error(std::string(kMostColumns, ',')), "t.csv:1:100001: more than 100000 cells in one row");
}

TEST(CsvErrors, RefusesWhatCannotDelimit) {
  EXPECT_EQ(testing::error_of(Fault::usage, [] { parse_csv("a\n1\n", "t.csv", {.form = {.delimiter = '"'}}); }),
            "'\"' cannot be a delimiter; use a comma, semicolon, tab or bar");
  EXPECT_EQ(testing::error_of(Fault::usage, [] { parse_csv("a\n1\n", "t.csv", {.form = {.delimiter = '\n'}}); }),
            "'\\x0A' cannot be a delimiter; use a comma, semicolon, tab or bar");
}

TEST(CsvErrors, ShowsStrangeTextsSafely) {
  EXPECT_EQ(data_error("x,y\n1,2\n3,\"a\x1B[31m\"\n4,5\n"),
            "t.csv:3:3: 'a\\x1B[31m' in column 'y' is not a number (2 of 3 cells are); correct it, or list the column "
            "in data.categorical or data.ignore");
}

}  // namespace
}  // namespace descent
