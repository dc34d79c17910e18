#include "app/runs/run_pictures.hpp"

#include "app/console/terminal_chart.hpp"
#include "app/pictures/panels.hpp"
#include "app/runs/differences.hpp"
#include "framework/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

using pictures::LegendEntry;

bool has_validation(const std::vector<Figure>& figures) {
  for (const Figure& figure : figures)
    for (const Curve& curve : figure.curves)
      if (curve.validation) return true;
  return false;
}

// Where a figure is best: on the validation rows where there are any.
const Curve* marked_curve(const Figure& figure, std::size_t run) {
  const Curve* marked = nullptr;
  for (const Curve& curve : figure.curves)
    if (curve.run == run && (marked == nullptr || curve.validation)) marked = &curve;
  return marked;
}

std::optional<pictures::Point> point_at(const Curve& curve, double epoch) {
  const auto found = std::ranges::find(curve.epoch, epoch);
  if (found == curve.epoch.end()) return std::nullopt;
  return pictures::Point{epoch, curve.y[static_cast<std::size_t>(found - curve.epoch.begin())]};
}

// One run: blue trains, red validates. Several: a colour each.
std::size_t colour_of(const Curve& curve, std::size_t runs) { return runs == 1 ? curve.validation : curve.run; }

std::vector<LegendEntry> legend_of(const std::vector<RecordedRun>& runs, const std::vector<Figure>& figures,
                                   bool some_best) {
  using Mark = LegendEntry::Mark;
  std::vector<LegendEntry> legend;
  const bool validation = has_validation(figures);
  const double best = runs.front().best_epoch();
  if (runs.size() == 1) {
    if (validation) {
      legend.push_back({Mark::line, "training", pictures::series_style(0, false)});
      legend.push_back({Mark::line, "validation", pictures::series_style(1, true)});
    }
    if (some_best)
      legend.push_back({Mark::dot, fmt::format("best epoch: {}", best), pictures::series_style(validation, false)});
    return legend;
  }
  const std::vector<std::string> names = legend_names(runs);
  for (std::size_t run = 0; run < runs.size(); ++run)
    legend.push_back({Mark::line, printable(names[run], 200), pictures::series_style(run, false)});
  if (validation) {
    legend.push_back({Mark::line, "training", {.colour = pictures::kInk}});
    legend.push_back({Mark::line, "validation", {.colour = pictures::kInk, .dashed = true}});
  }
  if (some_best) legend.push_back({Mark::dot, "best epoch", {.colour = pictures::kInk}});
  return legend;
}

// The name of a metric: what its axis says before a comma.
std::string word_for(const Figure& figure) {
  return figure.name == "metric" ? figure.label : figure.label.substr(0, figure.label.find(','));
}

std::string one_run_text(const RecordedRun& run) {
  const std::string name = run.setting("run.name");
  return printable(name.empty() ? run.name : name, 60);
}

}  // namespace

std::string curves_title(const std::vector<RecordedRun>& runs, const std::vector<Figure>& figures) {
  std::string words;
  const std::size_t count = std::min<std::size_t>(figures.size(), 3);
  for (std::size_t k = 0; k < count; ++k)
    words += (k == 0 ? "" : k + 1 == count ? " and " : ", ") + word_for(figures[k]);
  if (!words.empty() && words[0] >= 'a' && words[0] <= 'z') words[0] = static_cast<char>(words[0] - 'a' + 'A');
  if (runs.size() > 1) return fmt::format("{} of {} runs", words, runs.size());
  const RecordedRun& run = runs.front();
  const double last = run.epochs.back(), best = run.best_epoch();
  std::string text = fmt::format("{} of {}", words, one_run_text(run));
  if (std::isfinite(best) && best < last) return text + fmt::format(": best at epoch {} of {}", best, last);
  return text + fmt::format(", {} epoch{}", last, last == 1 ? "" : "s");
}

void draw_curves(const std::vector<RecordedRun>& runs, const std::vector<Figure>& figures, bool log_x,
                 const pictures::PictureFile& file) {
  pictures::CurvePanels picture;
  picture.title = curves_title(runs, figures);
  picture.log_x = log_x;
  bool some_best = false;
  for (const Figure& figure : figures) {
    pictures::CurvePanel panel{figure.label, figure.log, {}};
    for (const Curve& curve : figure.curves) {
      pictures::PanelSeries series{curve.epoch, curve.y, colour_of(curve, runs.size()), curve.validation, {}};
      if (figure.name == "loss" && marked_curve(figure, curve.run) == &curve)
        series.mark = point_at(curve, runs[curve.run].best_epoch());
      some_best = some_best || series.mark;
      panel.series.push_back(std::move(series));
    }
    picture.panels.push_back(std::move(panel));
  }
  if (runs.size() == 1 && std::isfinite(runs.front().best_epoch())) picture.best = runs.front().best_epoch();
  picture.legend = legend_of(runs, figures, some_best);
  draw_panels(picture, file);
}

std::string chart_curves(const std::vector<RecordedRun>& runs, const std::vector<Figure>& figures, std::size_t columns,
                         std::size_t rows, bool colour) {
  constexpr std::size_t kLongestLabel = 14;
  const std::vector<std::string> names = legend_names(runs);
  const auto is_long = [](const std::string& name) { return shown_width(name) > kLongestLabel; };
  const bool numbered = runs.size() > 1 && std::ranges::any_of(names, is_long);
  std::string text;
  for (const Figure& figure : figures) {
    Chart chart{figure.label, "epoch", figure.log, {}};
    const bool validation = has_validation({figure});
    for (const Curve& curve : figure.curves) {
      const std::string kind = curve.validation ? "validation" : validation ? "training" : "";
      const std::string run = numbered ? fmt::format("{}", curve.run + 1) : printable(names[curve.run], 40);
      const std::string name = runs.size() == 1 ? kind : curve.validation ? run + " val." : run;
      const int hue = static_cast<int>(runs.size() == 1 ? curve.validation : curve.run);
      chart.curves.push_back({name, curve.epoch, curve.y, hue});
    }
    text += (text.empty() ? "" : "\n") + terminal_chart(chart, columns, rows, colour);
  }
  if (numbered)
    for (std::size_t run = 0; run < runs.size(); ++run)
      text += fmt::format("{}{}  {}\n", run == 0 ? "\n" : "", run + 1,
                          printable(names[run], columns > 8 ? columns - 4 : 4));
  if (const double best = runs.front().best_epoch(); runs.size() == 1 && std::isfinite(best))
    text += fmt::format("best epoch: {}\n", best);
  return text;
}

}  // namespace descent
