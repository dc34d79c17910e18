// Any bytes as a checkpoint: refused with an Error, or read, written and read again to the same bytes, and a training
// goes on from it or refuses to. The checksum, which random bytes never match, is made right on a second try.
#include "app/record/checkpoint.hpp"
#include "framework/error.hpp"
#include "models/safetensors.hpp"
#include "trainers/early_stopping.hpp"
#include "trainers/line_search.hpp"
#include "trainers/minimize.hpp"
#include "trainers/step_table.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace {

using namespace descent;

void require(bool promise) {
  if (!promise) std::abort();
}

template <class Call>
auto accepted(Call call) -> std::optional<decltype(call())> {
  try {
    return call();
  } catch (const Error& error) {
    require(error.fault() == Fault::data && !std::string_view(error.what()).empty());
    return std::nullopt;
  }
}

// f(w) = Σᵢ (i + 1) (wᵢ − i)⁴, of which a few steps of any method are left to do.
template <class Real>
class Quartic final : public Objective<Real> {
 public:
  std::size_t dimension() const override { return 2; }
  std::size_t terms() const override { return 1; }

 private:
  double do_value(ConstParams<Real> w, Terms) override {
    const double a = w[0], b = w[1] - Real(1);
    return a * a * a * a + 2 * b * b * b * b;
  }
  double do_value_and_gradient(ConstParams<Real> w, Params<Real> g, Terms batch) override {
    const Real a = w[0], b = w[1] - Real(1);
    g[0] = 4 * a * a * a;
    g[1] = 8 * b * b * b;
    return do_value(w, batch);
  }
};

// As the runs of the corpus: it keeps a history, a line search, the best weights and a table of its steps.
template <class Real>
void run(const Snapshot<Real>* from, Checkpointer<Real>* keeper = nullptr) {
  Quartic<Real> f;
  std::vector<Real> w(f.dimension(), Real(3));
  const auto direction = make_direction<Real>("lbfgs", {.history = 2});
  const auto step_size = make_line_search<Real>("barzilai_borwein", {.memory = 2});
  EarlyStopping<Real> stopper({.patience = 3});
  std::vector<Observer<Real>*> observers{&stopper};
  StepTable table({.keep = 3, .most_weights = 0});
  if constexpr (std::is_same_v<Real, double>) observers.push_back(&table);
  Options<Real> options;
  options.epochs = 6;
  options.resume = from;
  options.checkpointer = keeper;
  const Report report = minimize<Real>(f, w, *direction, *step_size, options, observers);
  require(!report.sentence.empty());
}

template <class Real>
std::string encoded(const Checkpoint& checkpoint, Snapshot<Real> snapshot) {
  State<Real> state;
  for (auto& [name, values] : snapshot.vectors) state.vectors.push_back({name, values});
  for (auto& [name, number] : snapshot.numbers) state.numbers.push_back({name, &number});
  return encode_checkpoint<Real>(checkpoint.model ? &*checkpoint.model : nullptr, checkpoint.stamp, state);
}

std::string encoded(const Checkpoint& checkpoint) {
  return std::visit([&](const auto& snapshot) { return encoded(checkpoint, snapshot); }, checkpoint.snapshot);
}

void check(const Checkpoint& checkpoint) {
  const std::string bytes = encoded(checkpoint);
  require(encoded(decode_checkpoint(bytes, "again")) == bytes);
  accepted([&] {
    std::visit([](const auto& snapshot) { run(&snapshot); }, checkpoint.snapshot);
    return true;
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto checkpoint = accepted([&] { return decode_checkpoint(bytes, "fuzzed"); })) check(*checkpoint);
  auto file = accepted([&] { return decode_safetensors(bytes, "fuzzed"); });
  if (!file) return 0;
  file->metadata[std::string(kChecksum)] = checksum(*file);
  const std::string mended = encode_safetensors(*file);
  if (const auto checkpoint = accepted([&] { return decode_checkpoint(mended, "mended"); })) check(*checkpoint);
  return 0;
}
