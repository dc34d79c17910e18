// A small model that uses every field a model file has.
#pragma once

#include "framework/random.hpp"
#include "models/model.hpp"

namespace descent::test {

// Two numbers and a category of three in, three classes out; 5-4-3 with an activation on its own.
inline Model sample_model(Precision precision) {
  Model model;
  model.network = {5,
                   {{.units = 4, .activation = "gelu", .initializer = "he_normal", .initializer_scale = 0.1},
                    {.kind = "activation", .activation = "tanh"},
                    {.units = 3, .bias = false}}};
  model.loss = "cross_entropy";
  model.precision = precision;
  model.encoding.inputs = {{"length (cm)", {}, 0.1}, {"größe", {"klein", "", "a,\"b\"\n"}, 1}, {"width", {}, -3}};
  model.encoding.targets = {{"species", {"setosa", "versicolor", "virginica"}}};
  model.encoding.target_kind = TargetKind::classes;
  model.encoding.missing = Missing::median;
  model.encoding.form = {.delimiter = ';', .header = false, .decimal_comma = true};
  model.encoding.input_mean = {1.0 / 3, 0, 0, 0, 5e-324};
  model.encoding.input_scale = {0.1, 1, 1, 1, 1e300};
  model.encoding.target_mean = {0};
  model.encoding.target_scale = {1};
  model.seed = 18446744073709551615u;
  model.epoch = 12;
  Rng rng(41, Purpose::check);
  for (int j = 0; j < 5 * 4 + 4 + 4 * 3; ++j)
    model.weights.push_back(precision == Precision::float32 ? static_cast<float>(rng.normal()) : rng.normal());
  return model;
}

// A regression with standardised targets.
inline Model sample_regression(Precision precision) {
  Model model;
  model.network = {2, {{.units = 3, .activation = "relu"}, {.units = 2}}};
  model.loss = "squared_error";
  model.precision = precision;
  model.encoding.inputs = {{"a", {}, 0}, {"b", {}, 0}};
  model.encoding.targets = {{"u", {}}, {"v", {}}};
  model.encoding.input_mean = {10, -1};
  model.encoding.input_scale = {2, 0.5};
  model.encoding.target_mean = {100, 0.1};
  model.encoding.target_scale = {30, 7};
  Rng rng(43, Purpose::check);
  for (int j = 0; j < 2 * 3 + 3 + 3 * 2 + 2; ++j)
    model.weights.push_back(precision == Precision::float32 ? static_cast<float>(rng.normal()) : rng.normal());
  return model;
}

// Standardised inputs without targets, as `predict` takes them.
inline Dataset sample_inputs(std::size_t rows, std::size_t inputs) {
  Rng rng(42, Purpose::check);
  Dataset data;
  data.inputs = zeros<double>(rows, inputs);
  data.targets = zeros<double>(rows, 0);
  for (double& x : data.inputs) x = rng.normal();
  for (std::uint32_t i = 0; i < rows; ++i) data.rows.push_back(i);
  return data;
}

}  // namespace descent::test
