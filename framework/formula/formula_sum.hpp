// Sums over a data table: sum((y - b1/(1 + exp(b2 - b3*x)))^2) with columns x and y fits b1, b2, b3.
//
// Names that match columns are data; the others are the free variables. Each row is a term, so batches,
// shuffling and epochs work as for a network. The form is factor·sum(E) + R with a number for factor and R
// without data, a penalty for instance: of R, as of L2Penalty, a batch of B of the N rows carries the share B/N.
#pragma once

#include "framework/formula/formula.hpp"
#include "framework/objective.hpp"

#include <span>
#include <string>
#include <vector>

namespace descent {

struct DataColumn {
  std::string name;
  std::span<const double> values;  // one for each row
};

class FormulaSum final : public Objective<double> {
 public:
  // Copies the columns the formula names. Throws Error(usage) when the formula has no sum(…), names no column
  // in it or one outside it, has no free variable, or a free variable is nearly a column's name; Error(data)
  // when columns repeat a name, differ in length, are empty, or a cell in use is not finite.
  FormulaSum(Formula formula, std::span<const DataColumn> columns);

  std::size_t dimension() const override { return free_.size(); }
  std::size_t terms() const override { return rows_; }
  bool has_hessian() const override { return true; }

  const Formula& formula() const { return formula_; }
  const std::vector<std::string>& variables() const { return names_; }  // the free ones, in order of appearance
  std::vector<std::string> data_columns() const;                        // the columns in use

  // The parts of the first row that has kinks within `distance`; see Tape::kinks.
  std::vector<std::string> kinks(ConstParams<double> w, double distance = 0) const;

 private:
  struct Bound {
    std::size_t variable;        // index in the formula
    std::vector<double> values;  // (N)
  };

  double do_value(ConstParams<double> w, Terms batch) override;
  double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms batch) override;
  void do_hessian_vector(ConstParams<double> w, ConstParams<double> v, Params<double> hv, Terms batch) override;
  void do_hessian(ConstParams<double> w, MatrixView<double> h, Terms batch) override;
  std::string do_explain_nonfinite(ConstParams<double> w, Terms batch) override;

  formula::Tape bind(std::span<const DataColumn> columns);  // returns the program of a row
  void check_names(std::span<const DataColumn> columns) const;
  std::uint64_t active() const;
  double share(Terms batch) const;
  void set_free(ConstParams<double> w);
  std::size_t load_block(Terms batch, std::size_t first);
  template <class Visit>
  void for_blocks(Terms batch, Visit visit);
  std::vector<double> row_point(ConstParams<double> w, std::size_t row) const;

  Formula formula_;
  std::vector<std::size_t> free_;   // indices of the free variables in the formula
  std::vector<std::string> names_;  // and their names
  std::vector<Bound> data_;
  std::size_t rows_ = 0;
  double factor_ = 1;
  formula::Tape row_, rest_;
  formula::Tape::Work row_work_, rest_work_;
  std::vector<double> point_, tangent_, part_;  // (variables of the formula): w, v and a derivative, spread out
};

}  // namespace descent
