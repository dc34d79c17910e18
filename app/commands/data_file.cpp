#include "app/commands/data_file.hpp"

#include "app/config/names.hpp"
#include "datasets/csv.hpp"
#include "framework/error.hpp"
#include "framework/text.hpp"

#include <algorithm>

namespace descent {
namespace {

char delimiter_of(const std::string& given) {
  const auto alias = std::ranges::find(delimiter_aliases(), given, &ValueAlias::typed);
  const std::string_view meant = alias == delimiter_aliases().end() ? std::string_view(given) : alias->meant;
  if (meant.size() != 1)
    throw Error(Fault::usage, "--delimiter '{}': expected auto, or one character", printable(given));
  return meant[0];
}

}  // namespace

Table read_data(const std::string& path, const FormArguments& form, const Encoding& encoding, bool with_targets) {
  CsvOptions csv = csv_options(encoding, with_targets);
  if (form.delimiter == "auto")
    csv.form.delimiter.reset();
  else if (!form.delimiter.empty())
    csv.form.delimiter = delimiter_of(form.delimiter);
  if (form.header == "auto")
    csv.form.header.reset();
  else if (!form.header.empty())
    csv.form.header = form.header == "true";
  if (!form.decimal.empty()) csv.form.decimal_comma = form.decimal == "comma";
  return read_csv(path, csv);
}

}  // namespace descent
