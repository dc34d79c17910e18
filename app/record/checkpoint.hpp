// The checkpoint of a run: a model file (its weights are those of the last step) with everything added that the
// training needs to go on; of a run on a formula there is no model in it. The checksum of the file covers all of it.
#pragma once

#include "app/record/metrics_files.hpp"
#include "models/model.hpp"
#include "trainers/snapshot.hpp"

#include <optional>
#include <string>
#include <variant>

namespace descent {

// What goes beside the state: whose it is, and how far the record had come.
struct CheckpointStamp {
  std::string config;  // TOML, resolved
  std::string data;    // data_checksum() of the experiment
  MetricsFiles::Sizes metrics;
  std::size_t epochs = 0, steps = 0, step_in_epoch = 0;
  std::optional<Ending> ended;  // nothing: in the middle of the run
};

// "w" of the state is kept as the weights of the model, which may be null; other vectors are tensors "state.<name>",
// the numbers one tensor "state.numbers" (float64) whose names stand in the metadata.
template <class Real>
std::string encode_checkpoint(const Model* model, const CheckpointStamp& stamp, const State<Real>& state);

struct Checkpoint {
  std::optional<Model> model;
  CheckpointStamp stamp;
  std::string path;
  std::variant<Snapshot<float>, Snapshot<double>> snapshot;  // by the precision of the run
};

// Throws Error(data) naming `source` when the file is damaged or no checkpoint.
Checkpoint decode_checkpoint(std::string_view bytes, const std::string& source);

// The newest that can be read: `path`, else `previous`. Nothing when neither is there; Error(data) when what there is
// is damaged. `notice`: why the previous one was taken.
std::optional<Checkpoint> load_checkpoint(const std::string& path, const std::string& previous, std::string& notice);

}  // namespace descent
