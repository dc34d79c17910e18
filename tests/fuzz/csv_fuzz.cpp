// Any bytes as a CSV file: the reader answers with a table that keeps its promises or with an Error,
// and what it accepts can be written, read back and encoded.
#include "datasets/csv.hpp"
#include "datasets/encoding.hpp"
#include "datasets/split.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <sstream>

namespace {

using namespace descent;

void require(bool promise) {
  if (!promise) std::abort();
}

void check(const Table& table) {
  require(table.lines.size() == table.rows() && table.rows() > 0);
  require(std::is_sorted(table.lines.begin(), table.lines.end()));
  std::size_t missing = 0;
  for (const Column& column : table.columns) {
    require((column.is_text ? column.codes.size() : column.numbers.size()) == table.rows());
    require(column.places.empty() || column.places.size() == table.rows());
    for (const double x : column.numbers) require(!std::isinf(x));
    for (const std::uint32_t code : column.codes) require(code == kMissingCode || code < column.categories.size());
    for (std::size_t row = 0; row < table.rows(); ++row) missing += column.missing(row);
  }
  require(missing == table.missing.size());
  for (const MissingCell& cell : table.missing) {
    require(table.columns[cell.column].missing(cell.row));
    table.place(cell.row, table.columns[cell.column]);
  }
}

CsvOptions options_of(std::uint8_t variant) {
  CsvOptions options;
  if (variant & 1) options.form.delimiter = ";, \t|:a"[(variant >> 4) % 7];
  if (variant & 2) options.form.header = (variant & 4) != 0;
  options.form.decimal_comma = (variant & 64) != 0;
  if (variant & 8) {
    options.text_columns = {"a"};
    options.number_columns = {"b"};
    options.skip_columns = {"c"};
  }
  options.last_column_is_text = (variant & 16) != 0;
  options.keep_places = (variant & 32) != 0;
  return options;
}

void check_round_trip(const Table& table) {
  if (table.columns.empty()) return;
  std::ostringstream written;
  write_csv(written, table);
  CsvOptions options;
  options.form = {.delimiter = ',', .header = true};
  for (const Column& column : table.columns)
    (column.is_text ? options.text_columns : options.number_columns).push_back(column.name);
  const Table again = parse_csv(written.str(), "again", options);
  require(again.columns.size() == table.columns.size());
  for (std::size_t k = 0; k < table.columns.size(); ++k) {
    require(again.columns[k].name == table.columns[k].name);
    require(again.columns[k].codes == table.columns[k].codes);
    require(again.columns[k].categories == table.columns[k].categories);
    for (std::size_t row = 0; row < table.columns[k].numbers.size(); ++row)
      require(again.columns[k].missing(row) || again.columns[k].numbers[row] == table.columns[k].numbers[row]);
  }
}

void check_encoding(const Table& table, std::uint8_t variant) {
  EncodingOptions options;
  options.target_kind = static_cast<TargetKind>(variant % 4);
  options.missing = static_cast<Missing>(variant / 4 % 4);
  options.standardize = variant < 128;
  try {
    const auto rows = usable_rows(table, options);
    SplitOptions shares;
    shares.test = 0.3;
    const Split split = split_rows(rows, class_labels(table, rows, options), shares);
    const Encoding encoding = Encoding::fit(table, split.train, options);
    const Dataset data = encoding.encode(table, true);
    require(data.inputs.shape(0) == rows.size() && data.inputs.shape(1) == encoding.input_names().size());
    for (const double x : data.inputs) require(std::isfinite(x));
    for (const double x : data.targets) require(std::isfinite(x));
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  Table table;
  try {
    table = parse_csv(text, "fuzz.csv", options_of(data[0]));
  } catch (const Error&) {
    return 0;
  }
  check(table);
  check_round_trip(table);
  check_encoding(table, data[1]);
  return 0;
}
