// Any bytes as metrics.jsonl, and those behind the first NUL as result.json: refused with an Error that names the line,
// or a record that keeps its promises, whichever pieces it came in, and that people can be shown.
#include "app/formula/inspection.hpp"
#include "app/runs/differences.hpp"
#include "app/runs/figures.hpp"
#include "app/runs/recorded_run.hpp"
#include "app/runs/run_pictures.hpp"
#include "framework/error.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace descent;

void require(bool promise) {
  if (!promise) std::abort();
}

// The record of the text, or why there is none; read in pieces of so many bytes.
std::optional<RecordedRun> read(std::string_view text, std::size_t piece, std::string& refusal) {
  RecordReader reader("fuzzed");
  try {
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) reader.add(text.substr(0, piece));
  } catch (const Error& error) {
    require(error.fault() == Fault::data);
    refusal = error.what();
    require(refusal.starts_with("fuzzed:" + std::to_string(reader.lines()) + ": "));
    return std::nullopt;
  }
  return reader.record();
}

bool same(const RecordedRun& a, const RecordedRun& b) {
  const auto equal = [](const std::vector<double>& x, const std::vector<double>& y) {
    return std::ranges::equal(x, y, [](double u, double v) { return u == v || (u != u && v != v); });
  };
  return a.start == b.start && a.end == b.end && a.columns == b.columns && a.epochs == b.epochs &&
         std::ranges::equal(a.values, b.values, equal);
}

void check(const RecordedRun& record) {
  require(record.values.size() == record.columns.size());
  require(std::ranges::adjacent_find(record.epochs, std::ranges::greater_equal()) == record.epochs.end());
  for (std::size_t k = 0; k < record.columns.size(); ++k) {
    require(record.values[k].size() == record.epochs.size());
    require(record.find(record.columns[k]) == &record.values[k]);
  }
}

void show(RecordedRun record) {
  record.config = run_settings(record, "/nowhere");
  record.name = "fuzzed";
  record.best_epoch();
  record.verdict();
  record.count("n_train");
  for (const Setting& setting : record.config) record.setting(setting.first);
  if (record.epochs.empty()) return;
  require(!describe_formula_run(record).empty());
  const std::vector<RecordedRun> runs{record, record};
  require(legend_names(runs).size() == 2);
  try {
    const std::vector<Figure> all = figures(runs);
    for (const Figure& figure : all) {
      const AlignedFigure shown = aligned(figure, 4);
      for (const std::vector<double>& values : shown.values) require(values.size() == shown.epoch.size());
    }
    require(!chart_curves(runs, all, 80, 8, false).empty());
  } catch (const Error& error) {
    require(error.fault() == Fault::usage);  // nothing of what people look at was logged
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size), text = all.substr(0, all.find('\0'));
  std::string refusal, refusal_in_pieces;
  auto record = read(text, text.size(), refusal);
  const auto in_pieces = read(text, 7, refusal_in_pieces);
  require(refusal == refusal_in_pieces && record.has_value() == in_pieces.has_value());
  if (!record) return 0;
  require(same(*record, *in_pieces));
  check(*record);
  if (text.size() < all.size()) {
    const auto result = nlohmann::ordered_json::parse(all.substr(text.size() + 1), nullptr, false);
    if (result.is_object()) record->result = result;
  }
  show(*record);
  return 0;
}
