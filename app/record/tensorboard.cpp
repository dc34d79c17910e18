#include "app/record/tensorboard.hpp"

#include "app/config/fields.hpp"
#include "app/config/render.hpp"
#include "app/record/metrics_files.hpp"

#include <algorithm>
#include <cmath>

namespace descent {

std::map<std::string, HyperParameter> hyper_parameters(const Config& config) {
  constexpr std::string_view kOthers[] = {"run.name", "run.out_dir", "run.threads", "train.checkpoint_every_epochs",
                                          "train.checkpoint_every_seconds"};
  Config copy = config;
  std::map<std::string, HyperParameter> all;
  for (const Field& field : fields()) {
    const std::string path = field.path();
    if (field.section == "log" || std::ranges::find(kOthers, path) != std::end(kOthers) || is_unset(field, config))
      continue;
    const Slot slot = field.slot(copy);
    if (bool* const* truth = std::get_if<bool*>(&slot))
      all[path] = **truth;
    else if (double* const* number = std::get_if<double*>(&slot))
      all[path] = **number;
    else if (std::int64_t* const* count = std::get_if<std::int64_t*>(&slot); count != nullptr && field.word.empty())
      all[path] = static_cast<double>(**count);
    else if (std::string* const* text = std::get_if<std::string*>(&slot))
      all[path] = **text;
    else
      all[path] = toml_value(field, slot);
  }
  return all;
}

TensorBoard::TensorBoard(const std::string& folder, const Config& config, const std::vector<std::string>& monitors,
                         std::size_t validation_rows, std::optional<std::size_t> epochs)
    : validation_rows_(validation_rows),
      settings_(folder),
      train_(folder + "/train", epochs ? static_cast<std::int64_t>(*epochs) + 1 : 0) {
  if (validation_rows > 0)
    validation_ = std::make_unique<EventFile>(folder + "/val", epochs ? static_cast<std::int64_t>(*epochs) + 1 : 0);
  for (std::size_t i = 0; i < monitors.size(); ++i) {
    const bool of_validation = monitors[i].starts_with("val_");
    const std::string_view prefix = of_validation ? "val_" : "train_";
    figures_.push_back(
        {i, of_validation, monitors[i].starts_with(prefix) ? monitors[i].substr(prefix.size()) : monitors[i]});
  }
  settings_.hyper_parameters(hyper_parameters(config));
  settings_.flush();
}

void TensorBoard::epoch(const EpochRecord& record) {
  train_values_.clear();
  validation_values_.clear();
  train_values_.emplace_back("loss", record.loss);
  train_values_.emplace_back("loss_per_row", record.loss / static_cast<double>(record.terms));
  train_values_.emplace_back("learning_rate", record.gamma);
  train_values_.emplace_back("grad_norm", record.gradient_norm);
  for (const Figure& figure : figures_) {
    const double value = record.figures[figure.index];
    (figure.of_validation ? validation_values_ : train_values_).emplace_back(figure.tag, value);
    if (figure.of_validation && figure.tag == "loss")
      validation_values_.emplace_back("loss_per_row", value / static_cast<double>(validation_rows_));
  }
  const auto step = static_cast<std::int64_t>(record.epoch);
  train_.scalars(step, train_values_);
  if (validation_ && !validation_values_.empty()) validation_->scalars(step, validation_values_);
  if (record.seconds - flushed_ < MetricsFiles::kDelay) return;
  flushed_ = record.seconds;
  flush();
}

void TensorBoard::flush() {
  train_.flush();
  if (validation_) validation_->flush();
}

void TensorBoard::finish(bool success) {
  flush();
  settings_.end(success);
  settings_.flush();
}

}  // namespace descent
