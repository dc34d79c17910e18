#include "trainers/state.hpp"

#include "framework/error.hpp"
#include "framework/text.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace descent {

double StateNumber::get() const {
  if (const Count* count = std::get_if<Count>(&at)) return static_cast<double>(*count->at);
  if (bool* const* truth = std::get_if<bool*>(&at)) return **truth ? 1 : 0;
  return *std::get<double*>(at);
}

void StateNumber::set(double value) const {
  if (double* const* number = std::get_if<double*>(&at)) {
    **number = value;
    return;
  }
  const Count* const count = std::get_if<Count>(&at);
  const std::size_t most = count != nullptr ? count->most : 1;
  if (!(value >= 0) || value != std::floor(value) || value > static_cast<double>(most))
    throw Error(Fault::data, "the number '{}' of a checkpoint must be {}, got {}", printable(name),
                count == nullptr            ? "0 or 1"
                : most == Count::kMostExact ? "a count"
                                            : fmt::format("a count of at most {}", most),
                shortest(value));
  if (count != nullptr)
    *count->at = static_cast<std::size_t>(value);
  else
    *std::get<bool*>(at) = value == 1;
}

template <class Real>
void State<Real>::add(std::string_view prefix, State part) {
  for (StateVector<Real>& vector : part.vectors) vector.name = fmt::format("{}.{}", prefix, vector.name);
  for (StateNumber& number : part.numbers) number.name = fmt::format("{}.{}", prefix, number.name);
  add(std::move(part));
}

template <class Real>
void State<Real>::add(State part) {
  std::ranges::move(part.vectors, std::back_inserter(vectors));
  std::ranges::move(part.numbers, std::back_inserter(numbers));
}

// A member that is added and forgotten here does not compile.
std::vector<StateNumber> numbers_of(EpochRecord& record) {
  auto& [epoch, step, terms, batch_size, loss, running, gradient_norm, gamma, seconds, figures] = record;
  std::vector<StateNumber> all = {{"epoch", &epoch},
                                  {"step", &step},
                                  {"terms", &terms},
                                  {"batch_size", &batch_size},
                                  {"loss", &loss},
                                  {"running", &running},
                                  {"gradient_norm", &gradient_norm},
                                  {"gamma", &gamma},
                                  {"seconds", &seconds}};
  for (std::size_t i = 0; i < figures.size(); ++i) all.push_back({fmt::format("figure.{}", i), &figures[i]});
  return all;
}

std::vector<StateNumber> numbers_of(Evaluations& evaluations) {
  auto& [values, gradients, hessian_vectors, value_terms, gradient_terms] = evaluations;
  return {{"values", &values},
          {"gradients", &gradients},
          {"hessian_vectors", &hessian_vectors},
          {"value_terms", &value_terms},
          {"gradient_terms", &gradient_terms}};
}

std::vector<StateNumber> numbers_of(const std::vector<StateValue>& numbers) {
  std::vector<StateNumber> all;
  for (const StateValue& number : numbers) all.push_back({std::to_string(all.size()), number});
  return all;
}

template struct State<float>;
template struct State<double>;

}  // namespace descent
