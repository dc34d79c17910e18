#include "datasets/dataset.hpp"

#include <algorithm>
#include <cassert>

namespace descent {
namespace {

Matrix<double> select_rows(const Matrix<double>& all, const std::vector<std::uint32_t>& rows) {
  const std::size_t width = all.shape(1);
  Matrix<double> some = zeros<double>(rows.size(), width);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    assert(rows[i] < all.shape(0));
    std::copy_n(all.data() + rows[i] * width, width, some.data() + i * width);
  }
  return some;
}

}  // namespace

Dataset select(const Dataset& data, const std::vector<std::uint32_t>& rows) {
  Dataset some{select_rows(data.inputs, rows),
               select_rows(data.targets, rows),
               data.input_names,
               data.target_names,
               data.classes,
               {}};
  some.rows.reserve(rows.size());
  for (const std::uint32_t row : rows) some.rows.push_back(data.rows[row]);
  return some;
}

Dataset select_evenly(const Dataset& data, std::size_t rows) {
  std::vector<std::uint32_t> chosen;
  chosen.reserve(rows);
  for (std::size_t i = 0; i < rows; ++i) chosen.push_back(static_cast<std::uint32_t>(i * data.size() / rows));
  return select(data, chosen);
}

}  // namespace descent
