#include "app/config/json.hpp"

#include "app/config/fields.hpp"
#include "app/config/render.hpp"

#include <cmath>

namespace descent {
namespace {

using Json = nlohmann::ordered_json;

Json value_of(const FieldInfo& field, const Slot& slot);

Json layers_json(const std::vector<LayerConfig>& layers) {
  Json rows = Json::array();
  for (LayerConfig layer : layers) {
    Json row = Json::object();
    for (const LayerField& field : layer_fields())
      if (!field.dense_only || layer.kind == "dense") row[std::string(field.key)] = value_of(field, field.slot(layer));
    rows.push_back(std::move(row));
  }
  return rows;
}

struct AsJson {
  const FieldInfo& field;
  Json operator()(const std::vector<LayerConfig>* layers) const { return layers_json(*layers); }
  Json operator()(const double* x) const { return std::isfinite(*x) ? Json(*x) : Json(nullptr); }
  Json operator()(const std::int64_t* n) const {
    return *n == 0 && !field.word.empty() ? Json(std::string(field.word)) : Json(*n);
  }
  Json operator()(const RateGrid* grid) const {
    if (!grid->list.empty()) return grid->list;
    Json json = {{"points", grid->points}, {"random", grid->random}};
    if (grid->low > 0) json["log"] = {grid->low, grid->high};
    return json;
  }
  template <class T>
  Json operator()(const T* value) const {
    return *value;
  }
};

Json value_of(const FieldInfo& field, const Slot& slot) { return std::visit(AsJson{field}, slot); }

}  // namespace

Json to_json(const Config& config) {
  Config copy = config;
  Json json = Json::object();
  for (const Field& field : fields())
    json[std::string(field.section)][std::string(field.key)] = value_of(field, field.slot(copy));
  for (const Variation& variation : config.tune.vary) json["tune"][variation.path] = variation.values;  // as TOML
  return json;
}

std::vector<Difference> differences(const Config& before, const Config& after) {
  Config a = before, b = after;
  std::vector<Difference> all;
  for (const Field& field : fields()) {
    const std::string was = toml_value(field, field.slot(a)), is = toml_value(field, field.slot(b));
    if (was != is) all.push_back({field.path(), was, is});
  }
  return all;
}

}  // namespace descent
