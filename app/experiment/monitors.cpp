#include "app/experiment/monitors.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"
#include "trainers/step_size.hpp"

#include <algorithm>
#include <memory>

namespace descent {

bool watches(const ScheduleConfig& schedule) {
  const auto row = std::ranges::find(schedules(), schedule.name, &ScheduleRow::name);
  return row != schedules().end() && row->watches;
}

template <class Real>
std::vector<Monitor<Real>> make_monitors(const Experiment& experiment, Evaluator<Real>* validation,
                                         Evaluator<Real>& train) {
  std::vector<Monitor<Real>> monitors;
  const std::vector<std::string> metrics = metric_names(experiment.encoding.target_kind);
  const auto add = [&](const std::string& prefix, Evaluator<Real>& rows, const std::vector<std::string>& names) {
    const auto latest = std::make_shared<Evaluation>();
    for (const std::string& name : names)
      monitors.push_back({prefix + name, [latest, name, first = name == names.front(), &rows](ConstParams<Real> w) {
                            if (first) *latest = rows.evaluate(w);  // one pass over the rows serves them all
                            return name == "loss" ? latest->loss : latest->metric(name);
                          }});
  };
  if (validation != nullptr) {
    std::vector<std::string> names = metrics;
    names.insert(names.begin(), "loss");
    add("val_", *validation, names);
  }
  const Config& config = experiment.config;
  std::vector<std::string> watched;
  for (const std::string& metric : metrics)
    if ((config.early_stopping.patience > 0 && config.early_stopping.monitor == metric) ||
        (watches(config.schedule) && config.schedule.monitor == metric))
      watched.push_back(metric);
  add("train_", train, watched);
  return monitors;
}

template <class Real>
Watched find_monitor(const std::vector<Monitor<Real>>& monitors, const std::vector<std::string>& metrics,
                     const std::string& key, const std::string& wanted, const std::string& mode) {
  std::string name = wanted;
  const auto position = [&](const std::string& monitor) {
    return static_cast<std::size_t>(std::ranges::find(monitors, monitor, &Monitor<Real>::name) - monitors.begin()) + 1;
  };
  if (name == "auto") name = position("val_loss") <= monitors.size() ? "val_loss" : "loss";
  const std::string metric = name.starts_with("val_") ? name.substr(4) : name;
  const bool maximize = mode == "auto" ? larger_is_better(metric) : mode == "max";
  if (name == "loss") return {0, name, maximize};
  for (const std::string& candidate : {name, "train_" + name})
    if (const std::size_t index = position(candidate); index <= monitors.size()) return {index, candidate, maximize};
  std::vector<std::string> known{"loss"};
  known.insert(known.end(), metrics.begin(), metrics.end());
  for (const auto& monitor : monitors)
    if (monitor.name.starts_with("val_")) known.push_back(monitor.name);
  throw Error(Fault::config, "{} = \"{}\" is no figure of this run, which has {}", key, wanted, join(known));
}

template <class Real>
Watched plateau_monitor(const Experiment& experiment, const std::vector<Monitor<Real>>& monitors) {
  const ScheduleConfig& schedule = experiment.config.schedule;
  if (!watches(schedule)) return {};
  return find_monitor(monitors, metric_names(experiment.encoding.target_kind), "schedule.monitor", schedule.monitor,
                      "auto");
}

template std::vector<Monitor<float>> make_monitors(const Experiment&, Evaluator<float>*, Evaluator<float>&);
template Watched find_monitor(const std::vector<Monitor<float>>&, const std::vector<std::string>&, const std::string&,
                              const std::string&, const std::string&);
template Watched plateau_monitor(const Experiment&, const std::vector<Monitor<float>>&);
template std::vector<Monitor<double>> make_monitors(const Experiment&, Evaluator<double>*, Evaluator<double>&);
template Watched find_monitor(const std::vector<Monitor<double>>&, const std::vector<std::string>&, const std::string&,
                              const std::string&, const std::string&);
template Watched plateau_monitor(const Experiment&, const std::vector<Monitor<double>>&);

}  // namespace descent
