#include "datasets/csv.hpp"

#include "datasets/cell.hpp"
#include "tests/datasets/data_checks.hpp"

#include <cmath>
#include <limits>
#include <sstream>

namespace descent {
namespace {

using Numbers = std::vector<double>;
using Codes = std::vector<std::uint32_t>;
using Texts = std::vector<std::string>;

Table parse(std::string_view text, const CsvOptions& options = {}) { return parse_csv(text, "t.csv", options); }

Texts names(const Table& table) {
  Texts result;
  for (const Column& column : table.columns) result.push_back(column.name);
  return result;
}

// The categories of a text column, one a row.
Texts texts(const Column& column) {
  Texts result;
  for (const std::uint32_t code : column.codes)
    result.push_back(code == kMissingCode ? "<missing>" : column.categories[code]);
  return result;
}

TEST(Csv, ReadsNumbersAndTexts) {
  const Table table = parse("width,kind\n1.5,b\n-2e3,a\n+.25,b\n");
  EXPECT_EQ(names(table), (Texts{"width", "kind"}));
  EXPECT_EQ(table.rows(), 3u);
  EXPECT_EQ(table.columns[0].numbers, (Numbers{1.5, -2000, 0.25}));
  EXPECT_TRUE(table.columns[1].is_text);
  EXPECT_EQ(table.columns[1].categories, (Texts{"a", "b"}));
  EXPECT_EQ(table.columns[1].codes, (Codes{1, 0, 1}));
  EXPECT_EQ(table.lines, (Codes{2, 3, 4}));
  EXPECT_EQ(table.source, "t.csv");
}

TEST(Csv, ReadsQuotedFields) {
  const Table table = parse("\"a \"\"quoted\"\" name\",n\n\"x,y\",1\n\"say \"\"hi\"\"\",\" 2 \"\n \"a\nb\" ,3\nx,4\n");
  EXPECT_EQ(names(table), (Texts{"a \"quoted\" name", "n"}));
  EXPECT_EQ(texts(table.columns[0]), (Texts{"x,y", "say \"hi\"", "a\nb", "x"}));
  EXPECT_EQ(table.columns[1].numbers, (Numbers{1, 2, 3, 4}));
  EXPECT_EQ(table.lines, (Codes{2, 3, 4, 6}));
}

TEST(Csv, GivesEqualTextsOneCategoryHoweverTheyAreQuoted) {
  const Table table = parse("t,n\n\"a\"\"b\",1\n\"a\"\"b\",2\na\"b,3\n");
  EXPECT_EQ(texts(table.columns[0]), (Texts{"a\"b", "a\"b", "a\"b"}));
  EXPECT_EQ(table.columns[0].categories.size(), 1u);
}

TEST(Csv, KeepsSpacesOnlyInsideQuotes) {
  const Table table = parse("t,n\n  a\t, 1 \n\" a\",2\n");
  EXPECT_EQ(texts(table.columns[0]), (Texts{"a", " a"}));
  EXPECT_EQ(table.columns[1].numbers, (Numbers{1, 2}));
}

TEST(Csv, ReadsEveryKindOfLineEnd) {
  for (const std::string text : {"a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\n1,2\n3,4", "a,b\r\n1,2\r\n3,4\r",
                                 "\n \na,b\n1,2\n\n  \n3,4\n\n\r\n \n"}) {
    const Table table = parse(text);
    EXPECT_EQ(table.columns[0].numbers, (Numbers{1, 3})) << text;
    EXPECT_EQ(table.columns[1].numbers, (Numbers{2, 4})) << text;
  }
}

TEST(Csv, SkipsAByteOrderMark) {
  const Table table = parse("\xEF\xBB\xBFm,n\n1,2\n");
  EXPECT_EQ(names(table), (Texts{"m", "n"}));
  EXPECT_EQ(table.columns[0].places, (Codes{1}));
}

TEST(Csv, FindsTheDelimiter) {
  for (const char delimiter : {',', ';', '\t', '|'}) {
    const std::string d(1, delimiter), others = delimiter == ',' ? ";;;" : ",,,";
    const std::string text =
        "a" + d + "b" + d + "c\n1" + d + "\"" + others + d + "\"" + d + "3\n4" + d + "z" + d + "6\n";
    const Table table = parse(text);
    EXPECT_EQ(table.delimiter, delimiter);
    EXPECT_EQ(table.columns.size(), 3u);
  }
  EXPECT_EQ(parse("a\n1\n2\n").columns.size(), 1u);
  EXPECT_EQ(parse("text\nhello, you\nall\n").columns.size(), 1u);
  EXPECT_EQ(parse("a:b\n1:2\n", {.form = {.delimiter = ':'}}).columns.size(), 2u);
  EXPECT_EQ(parse("a b\n1 2\n", {.form = {.delimiter = ' '}}).columns[1].numbers, Numbers{2});
  EXPECT_EQ(parse("x;y\n\"1;5\";\"2;5\"\n", {.form = {.delimiter = ';'}}).rows(), 1u);
}

TEST(Csv, PrefersTheSemicolonWhereCommasMayBeDecimal) {
  EXPECT_EQ(parse("a;b\n1;2\n").delimiter, ';');
  EXPECT_EQ(
      testing::error_of(Fault::data, [] { parse("1,5;2,5;3\n4,5;5,5;6\n"); }),
      "t.csv:1:1: '1,5' in column 'column_1' has a decimal comma; set data.decimal = \"comma\", or list the column in "
      "data.categorical\n"
      "t.csv:1:5: '2,5' in column 'column_2' has a decimal comma; set data.decimal = \"comma\", or list the column in "
      "data.categorical");
  const Table table = parse("a;b\n1,5;2\n2,5;3\n", {.text_columns = {"a"}});
  EXPECT_EQ(table.columns[0].categories, (Texts{"1,5", "2,5"}));
  EXPECT_EQ(parse("a;b\n1;2,5\n2;3,5\n", {.last_column_is_text = true}).columns[1].categories.size(), 2u);
}

TEST(Csv, ReadsDecimalCommas) {
  const CsvOptions comma{.form = {.decimal_comma = true}};
  const Table table = parse("n;m;t\n1,5;2;a,b\n-,25;1e3;c.d\n;+2,5e-1;e\n", comma);
  EXPECT_TRUE(table.header);
  EXPECT_EQ(table.columns[0].numbers[0], 1.5);
  EXPECT_EQ(table.columns[0].numbers[1], -0.25);
  EXPECT_TRUE(table.columns[0].missing(2));
  EXPECT_EQ(table.columns[1].numbers, (Numbers{2, 1000, 0.25}));
  EXPECT_EQ(table.columns[2].categories, (Texts{"a,b", "c.d", "e"}));
  EXPECT_FALSE(parse("1,5;2,5\n3,5;4,5\n", comma).header);
  EXPECT_EQ(parse("\"1,5\",\"2,5\"\n3,\"4,5\"\n", comma).columns[1].numbers, (Numbers{2.5, 4.5}));
  EXPECT_EQ(testing::error_of(Fault::data, [&] { parse("n;t\n1.5;2\n2.5;3\n", comma); }),
            "t.csv:2:1: '1.5' in column 'n' has a decimal point where data.decimal is \"comma\"; leave that out, or "
            "list the column in data.categorical");
  EXPECT_EQ(testing::error_of(Fault::data, [&] { parse("n;t\n1.234,5;2\n2,5;3\n", comma); }),
            "t.csv:2:1: '1.234,5' in column 'n' is not a number (1 of 2 cells is); correct it, or list the column in "
            "data.categorical or data.ignore");
}

TEST(Csv, RefusesNumbersThatWouldPassForCategories) {
  const auto error = [](const std::string& a, const std::string& b) {
    return testing::error_of(Fault::data, [&] { parse("n;t\n" + a + ";x\n" + b + ";y\n"); });
  };
  EXPECT_EQ(
      error("1,000", "2,500"),
      "t.csv:2:1: '1,000' in column 'n' has a comma; set data.decimal = \"comma\" if it is decimal, write 1500 if it "
      "is between thousands, or list the column in data.categorical");
  EXPECT_EQ(error("1,000", "12,000,000.5"),
            "t.csv:2:1: '1,000' in column 'n' has commas between thousands; write 1500 for 1,500, or list the column "
            "in data.categorical");
  for (const auto& [a, b] : {std::pair("5%", "12.5 %"), {"$1,500", "$20"}, {"3 €", "4,5 €"}, {"−1", "−2.5"}})
    EXPECT_EQ(error(a, b), fmt::format("t.csv:2:1: '{}' in column 'n' is a number with more than digits in it; write "
                                       "1500 for $1,500 or 1500 %, or list the column in data.categorical",
                                       a));
  for (const auto& [a, b] : {std::pair("1,00,000", "x"), {"5%", "many"}, {"2020-01-02", "2020-01-03"}})
    EXPECT_TRUE(parse(fmt::format("n;t\n{};x\n{};y\n", a, b)).columns[0].is_text);
  EXPECT_TRUE(parse("n;t\n5%;x\n6%;y\n", {.text_columns = {"n"}}).columns[0].is_text);
}

TEST(Csv, FindsTheHeader) {
  EXPECT_TRUE(parse("a,b\n1,2\n").header);
  EXPECT_TRUE(parse("a,b\n?,2\n1,2\n").header);
  EXPECT_TRUE(parse("name,kind\nx,y\n").header);
  EXPECT_TRUE(parse("2019,total,x\n1,2,y\n").header);
  EXPECT_TRUE(parse("7,b\nx,y\n", {.text_columns = {"7"}}).header);
  EXPECT_FALSE(parse("1,2\n3,4\n").header);
  EXPECT_FALSE(parse("5.1,setosa\n4.9,setosa\n").header);
  EXPECT_FALSE(parse("NA,1\n2,3\n").header);
  EXPECT_FALSE(parse("7\n").header);
  EXPECT_FALSE(parse("x,s,yes\nf,s,no\nx,y,yes\nf,y,no\n").header) << "of nothing but words, which come again";
  EXPECT_TRUE(parse("cap,odour,kind\nx,s,yes\nf,s,no\n").header);
  EXPECT_TRUE(parse("cap,kind\nx,yes\ncap,kind\nf,no\n").header) << "written twice";
  EXPECT_TRUE(parse("kind,n\nkind,1\nkind,2\n").header);
  EXPECT_EQ(names(parse("1,2\n3,4\n")), (Texts{"column_1", "column_2"}));
  EXPECT_EQ(parse("a,1\nb,2\n", {.form = {.header = true}}).rows(), 1u);
  EXPECT_EQ(parse("a,b\n1,2\n", {.form = {.header = false}, .text_columns = {"column_1", "column_2"}}).rows(), 2u);
}

TEST(Csv, NamesColumnsThatHaveNoName) {
  EXPECT_EQ(names(parse("a,,c\n1,2,3\n")), (Texts{"a", "column_2", "c"}));
  EXPECT_EQ(names(parse("a,b,\n1,2,\n3,4,\n")), (Texts{"a", "b"})) << "a delimiter at the end of every line";
}

TEST(Csv, KnowsTheWordsForMissing) {
  std::string text = "n,t\n";
  const Texts words = {"",     "#N/A", "#N/A N/A", "#NA",  "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
                       "<NA>", "N/A",  "NA",       "NULL", "NaN",     "None",     "n/a",  "nan",  "null",   "?"};
  for (const std::string& word : words) text += word + "," + word + "\n";
  text += "1,a\n";
  const Table table = parse(text);
  ASSERT_EQ(table.missing.size(), 2 * words.size());
  for (std::uint32_t row = 0; row < words.size(); ++row) {
    EXPECT_TRUE(table.columns[0].missing(row)) << words[row];
    EXPECT_TRUE(table.columns[1].missing(row)) << words[row];
    EXPECT_EQ(table.missing[2 * row + 1].row, row);
    EXPECT_EQ(table.missing[2 * row + 1].column, 1u);
    EXPECT_EQ(table.missing[2 * row + 1].place_column, words[row].size() + 2);
  }
  EXPECT_FALSE(table.columns[0].missing(words.size()));
}

TEST(Csv, ReadsABlankLineOfASingleColumnAsMissing) {
  const Table table = parse("a\n1\n\n3\n\n\n");
  EXPECT_EQ(table.rows(), 3u);
  EXPECT_TRUE(table.columns[0].missing(1));
  EXPECT_EQ(table.missing[0].row, 1u);
}

TEST(Csv, SortsCategoriesByValueIfAllAreWhole) {
  EXPECT_EQ(parse("c,n\n10,1\n9,2\n-1,3\n", {.text_columns = {"c"}}).columns[0].categories, (Texts{"-1", "9", "10"}));
  EXPECT_EQ(parse("c,n\n10,1\n9,2\nx,3\n", {.text_columns = {"c"}}).columns[0].categories, (Texts{"10", "9", "x"}));
}

TEST(Csv, ReadsTheColumnsItIsTold) {
  const std::string text = "a,b,c\n1,x,3\n4,oops,6\n7,8,9\n";
  const Table skipped = parse(text, {.skip_columns = {"b"}});
  EXPECT_EQ(names(skipped), (Texts{"a", "c"}));
  EXPECT_EQ(skipped.skipped, Texts{"b"});
  EXPECT_EQ(skipped.columns[1].numbers, (Numbers{3, 6, 9}));
  EXPECT_EQ(names(parse(text, {.only_columns = {"c", "absent"}})), Texts{"c"});
  EXPECT_EQ(parse(text, {.only_columns = {"absent"}}).rows(), 3u);
  const Table last = parse(text, {.skip_columns = {"b"}, .last_column_is_text = true});
  EXPECT_EQ(last.columns[1].categories, (Texts{"3", "6", "9"}));
  EXPECT_TRUE(parse(text, {.text_columns = {"b"}}).columns[1].is_text);
}

TEST(Csv, KnowsWhereEachCellStands) {
  const Table table = parse("a,b\n1,  x\n\"2\",\"y\nz\"\n\"3\n\",w\n", {.text_columns = {"a"}});
  EXPECT_EQ(to_string(table.place(0, table.columns[1])), "t.csv:2:5");
  EXPECT_EQ(to_string(table.place(1, table.columns[0])), "t.csv:3:1");
  EXPECT_EQ(to_string(table.place(1, table.columns[1])), "t.csv:3:5");
  EXPECT_EQ(to_string(table.place(2, table.columns[1])), "t.csv:5") << "the cell is on a later line than its row";
  const Table bare = parse("a,b\n1,\n3,4\n", {.keep_places = false});
  EXPECT_TRUE(bare.columns[0].places.empty());
  EXPECT_EQ(to_string(bare.place(0, bare.columns[1])), "t.csv:2:3") << "missing cells always have a place";
  EXPECT_EQ(to_string(bare.place(1, bare.columns[1])), "t.csv:3");
}

TEST(Csv, ReadsNumbersExactly) {
  const auto value = [](std::string_view cell) {
    double x = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(read_cell(cell, x), CellKind::number) << cell;
    return x;
  };
  EXPECT_EQ(value("0.1"), 0.1);
  EXPECT_EQ(value("1."), 1.0);
  EXPECT_EQ(value(".5"), 0.5);
  EXPECT_EQ(value("+7"), 7.0);
  EXPECT_EQ(value("-0"), 0.0);
  EXPECT_EQ(value("9007199254740993"), 9007199254740992.0);
  EXPECT_EQ(value("1.7976931348623157e308"), std::numeric_limits<double>::max());
  EXPECT_EQ(value("5e-324"), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(value("1e-999"), 0.0);
  EXPECT_TRUE(std::signbit(value("-1e-999")));
  EXPECT_EQ(value("0.0000001e-400"), 0.0);
  EXPECT_EQ(value("1e-99999999999999999999999"), 0.0);
}

TEST(Csv, TellsWordsAndInfinitiesFromNumbers) {
  double x = 0;
  for (const char* text :
       {"1x", "x1", "1,5", "0x10", "1_000", "--1", "+-1", "++1", "1e", "e5", ".", "nan(1)", "+", "1 2"})
    EXPECT_EQ(read_cell(text, x), CellKind::text) << text;
  for (const char* text : {"inf", "-inf", "+Infinity", "INF", "1e999", "-1e999", "1e+99999999999999999999", "123e400"})
    EXPECT_EQ(read_cell(text, x), CellKind::not_finite) << text;
}

TEST(Csv, TakesInfForAWordAmongWords) {
  EXPECT_EQ(parse("t,n\ninf,1\nsup,2\n").columns[0].categories, (Texts{"inf", "sup"}));
}

TEST(Csv, WritesWhatItReads) {
  const std::string text = "a,\"b,c\",t\n1.5,-3,\"x\"\"y\"\n,1e-05,\" z\"\n0.1,100000,\n2,3,\"p\nq\"\n";
  std::ostringstream out;
  write_csv(out, parse(text));
  EXPECT_EQ(out.str(), text);
  std::ostringstream single;
  write_csv(single, parse("a\n1\n\n2\n"));
  EXPECT_EQ(single.str(), "a\n1\n\"\"\n2\n");
  EXPECT_EQ(parse(single.str()).rows(), 3u);
}

TEST(Csv, QuotesFieldsOnlyWhereNeeded) {
  EXPECT_EQ(csv_field("plain text"), "plain text");
  EXPECT_EQ(csv_field(""), "");
  EXPECT_EQ(csv_field("a\rb"), "\"a\rb\"");
  EXPECT_EQ(csv_field("tail\t"), "\"tail\t\"");
  EXPECT_EQ(csv_field("\xEF\xBB\xBFm"), "\"\xEF\xBB\xBFm\"");
}

}  // namespace
}  // namespace descent
