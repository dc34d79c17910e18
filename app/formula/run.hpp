// Minimising a formula: the problem, the method and one run with everything a person wants to know of it.
#pragma once

#include "framework/formula/formula.hpp"
#include "framework/objective.hpp"
#include "trainers/critical_point.hpp"
#include "trainers/direction.hpp"
#include "trainers/kinks.hpp"
#include "trainers/line_search.hpp"
#include "trainers/report.hpp"
#include "trainers/starts.hpp"
#include "trainers/step_table.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace descent {

class FormulaSum;

// A formula, with the columns of its data if it has any, as an objective to be minimised or maximised.
class FormulaProblem {
 public:
  // `data`: a CSV file for sum(…), "" for none. Throws Error as Formula::parse, FormulaObjective, read_csv and
  // FormulaSum do.
  FormulaProblem(const std::string& formula, const std::string& data, bool maximize);
  ~FormulaProblem();

  const Formula& formula() const { return formula_; }
  const std::vector<std::string>& names() const;       // of the n variables
  Objective<double>& f() { return *f_; }               // what was typed
  Objective<double>& descended() { return *target_; }  // f, or −f when maximising
  bool maximize() const { return negated_ != nullptr; }
  double sign() const { return maximize() ? -1 : 1; }

  // The parts of f without a derivative within `distance` of w; see Tape::kinks.
  std::vector<std::string> kinks(ConstParams<double> w, double distance) const;

  // Throws Error(usage), naming the sub-expression, unless f and its gradient are finite at a start.
  void check_start(ConstParams<double> w);

 private:
  Formula formula_;
  std::unique_ptr<Objective<double>> f_, negated_;
  const FormulaSum* sum_ = nullptr;  // f_, where there is data
  Objective<double>* target_;
};

constexpr double kLossBound = 1e12;          // f beyond so many times its size at the start: diverged
constexpr std::size_t kSettledEpochs = 20;   // f unchanged in so many: no further progress
constexpr std::size_t kEigenvaluesEach = 6;  // λmax is computed in every step up to so many variables

// Direction and step size.
struct FormulaMethod {
  std::string direction = "steepest";
  std::string line_search;              // "" with a fixed γ
  std::optional<double> learning_rate;  // γ
  std::size_t steps = 100'000;
  double tolerance = 1e-8;  // of ‖∇f‖
  std::size_t keep = 1000;  // rows of the table
  DirectionOptions direction_options = {};
  LineSearchOptions search_options = {};
  std::string scale = "none";                    // of the variables, see FormulaScale
  const std::atomic<bool>* interrupt = nullptr;  // as in Options

  std::string text() const;  // "steepest, γ = 0.1"; "lbfgs, line search wolfe, scaled"
};

// Fills in what was not said: cg is conjugate_gradient; without γ and line search steepest takes armijo, and cg,
// lbfgs and newton take wolfe. The others have no step size that always suits: Error(usage), as for both at once,
// γ ≤ 0, unknown names, a tolerance below 0.
FormulaMethod completed(FormulaMethod method);

struct FormulaRun {
  std::vector<double> start;
  std::vector<StepRecord> rows;  // the first `keep`, f itself in them; predicted and actual are gains when maximising
  StepRecord last;
  // (n): rows and last hold w, but ‖∇f‖, γ and λmax are those of u = w / scale; empty: u = w
  std::vector<double> scales;
  bool has_lost_scales = false;  // u = w / scale, but the scales are not known any more
  Report report;
  Status status = Status::stopped;  // the report's, but stopped where the end is not critical, or is and has a way on
  CriticalPoint end;                // of f itself
  KinkKind around = KinkKind::neither;  // where the end is at a kink: what f does close by
  std::string tail;       // "x → ∞" where f flattens out on the way there and the end is not critical; else ""
  double lambda_max = 0;  // of the Hessian of what descends, at the end; if it diverged, where γ was too large
  double limit = 0;       // 2/λmax, infinite where λmax ≤ 0
  std::string why, what;  // a sentence each: why it stopped, what the end is
  std::string warning;    // that it is no minimum (maximum) and where to go on; "" where it is one, or may be
  std::vector<std::string> notes;

  bool is_scaled() const { return !scales.empty() || has_lost_scales; }
  const char* gradient_name() const { return is_scaled() ? "‖D∇f‖" : "‖∇f‖"; }  // of rows and last
  std::string verdict() const;  // "local minimum", "saddle", …, "at infinity" where there is a tail
};

// What sentences call what a person may change: the budget of steps, and what comes before a start.
struct RunOptions {
  std::string_view budget = "--steps", start = "--start ";
};

// lambda_max and limit, from the rows and the end.
void set_lambda_max(FormulaProblem& problem, FormulaRun& run);

// What a run that went from `start` to `w` came to: everything of FormulaRun but rows and last, which must be filled in
// as the trainer left them, w apart.
void finish_run(FormulaProblem& problem, FormulaRun& run, ConstParams<double> w, double tolerance,
                const RunOptions& options = {});

// `method` must be completed.
FormulaRun run_formula(FormulaProblem& problem, const FormulaMethod& method, std::vector<double> start);

// Runs from random starts in a box; values of basins are those of what descends.
Basins run_from_starts(FormulaProblem& problem, const FormulaMethod& method, const Box& box, std::size_t starts,
                       std::uint64_t seed);

// "local minimum", "local maximum", "saddle", "undecided", "not critical", "kink", "jump", "undefined".
std::string verdict_text(PointKind kind);

}  // namespace descent
