#include "app/formula/run.hpp"

#include "app/formula/reasons.hpp"
#include "app/formula/scale.hpp"
#include "datasets/cell.hpp"
#include "datasets/csv.hpp"
#include "framework/error.hpp"
#include "framework/formula/formula_objective.hpp"
#include "framework/formula/formula_sum.hpp"
#include "framework/negated.hpp"
#include "framework/text.hpp"
#include "trainers/constants.hpp"
#include "trainers/curvature.hpp"
#include "trainers/finite.hpp"
#include "trainers/jumps.hpp"
#include "trainers/line_search.hpp"
#include "trainers/minimize.hpp"

#include <algorithm>
#include <cmath>

namespace descent {
namespace {

constexpr double kNear = 1e-2;  // Newton's step to a critical point near enough, relative to max(1, ‖w‖)

std::unique_ptr<Objective<double>> make_objective(const Formula& formula, const std::string& data) {
  if (data.empty()) {
    if (formula.is_sum())
      throw Error(Fault::usage,
                  "{} holds sum(…), which needs rows to sum over: give --data FILE.csv, or objective.data in a config",
                  formula.text());
    return std::make_unique<FormulaObjective>(formula);
  }
  const Table table = read_csv(data, {.keep_words = true, .keep_places = false});
  std::vector<DataColumn> columns;
  for (const Column& column : table.columns) {
    if (!column.is_text) {
      columns.push_back({column.name, column.numbers});
    } else if (std::ranges::find(formula.variables(), column.name) != formula.variables().end()) {
      const bool numbers = !number_in_words(column.categories, '.').empty();
      throw Error(Fault::data, "{}: column '{}' holds {}, and the formula needs numbers there{}", table.source,
                  printable(column.name),
                  numbers ? fmt::format("'{}'", printable(column.categories.front())) : std::string("text"),
                  numbers ? ", of digits and a decimal point, such as 1500.5" : "");
    }
  }
  return std::make_unique<FormulaSum>(formula, columns);
}

std::unique_ptr<StepSize<double>> make_step_size(const FormulaMethod& method) {
  if (method.learning_rate) return make_schedule<double>({.learning_rate = *method.learning_rate});
  return make_line_search<double>(method.line_search, method.search_options);
}

Report descend(Objective<double>& objective, const FormulaMethod& method, Params<double> w,
               std::span<Observer<double>* const> observers) {
  const auto direction = make_direction<double>(method.direction, method.direction_options);
  const auto step_size = make_step_size(method);
  Options<double> options;
  options.epochs = method.steps;
  options.gradient_tolerance = method.tolerance;
  options.settled_epochs = kSettledEpochs;
  options.loss_bound = kLossBound;
  options.interrupt = method.interrupt;
  return minimize<double>(objective, w, *direction, *step_size, options, observers);
}

// Which variable to send to infinity for f to fall on and on: never rising over distances from the size of w, or 1, to
// a million times that. "x → ∞", or "" where there is none.
std::string tail_text(FormulaProblem& problem, ConstParams<double> w) {
  constexpr int kDoublings = 20;
  Objective<double>& f = problem.descended();
  std::vector<double> g(w.size()), there(w.begin(), w.end());
  const double here = f.value_and_gradient(w, g);
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (g[i] == 0) continue;
    double distance = std::max(1.0, norm<double>(w)), value = here;
    bool falls = true;
    for (int k = 0; k <= kDoublings && falls; ++k, distance *= 2) {
      there[i] = w[i] - std::copysign(distance, g[i]);
      const double next = f.value(there);
      falls = next <= value;  // NaN does not
      value = next;
    }
    there[i] = w[i];
    if (falls && value < here) return fmt::format("{} → {}∞", problem.names()[i], g[i] < 0 ? "" : "−");
  }
  return {};
}

void note_kinks(FormulaProblem& problem, FormulaRun& run) {
  std::vector<std::string> smooth;  // kinks of parts that f has none of: |x| in |x|^1.5
  for (const StepRecord& row : run.rows) {
    std::vector<std::string> kinks = problem.kinks(row.w, 1e-12);
    if (kinks.empty() || kinks == smooth) continue;
    if (jumps_within(problem.f(), row.w, 0))
      return run.notes.push_back(fmt::format("step {} is at a kink of f: {}", row.step, kinks.front()));
    smooth = std::move(kinks);
  }
  if (run.status == Status::converged || run.rows.size() < 2) return;
  const StepRecord& before = run.last.step < run.rows.size() ? run.rows[run.last.step - 1] : run.rows.back();
  double moved = 0;
  for (std::size_t i = 0; i < before.w.size(); ++i) moved = std::hypot(moved, run.last.w[i] - before.w[i]);
  const std::vector<std::string> kinks = problem.kinks(run.last.w, moved);
  if (!kinks.empty() && moved < 1 && jumps_within(problem.f(), run.last.w, moved))
    run.notes.push_back(fmt::format("the last steps jump over a kink of f, where no γ settles: {}", kinks.front()));
}

}  // namespace

FormulaProblem::FormulaProblem(const std::string& formula, const std::string& data, bool maximize)
    : formula_(Formula::parse(formula)), f_(make_objective(formula_, data)), target_(f_.get()) {
  sum_ = dynamic_cast<const FormulaSum*>(f_.get());
  if (!maximize) return;
  negated_ = std::make_unique<Negated<double>>(*f_);
  target_ = negated_.get();
}

FormulaProblem::~FormulaProblem() = default;

const std::vector<std::string>& FormulaProblem::names() const {
  return sum_ != nullptr ? sum_->variables() : formula_.variables();
}

std::vector<std::string> FormulaProblem::kinks(ConstParams<double> w, double distance) const {
  if (sum_ != nullptr) return sum_->kinks(w, distance);
  return static_cast<const FormulaObjective&>(*f_).tape().kinks(w, distance);
}

void FormulaProblem::check_start(ConstParams<double> w) {
  std::vector<double> g(w.size());
  const double value = f_->value_and_gradient(w, g);
  if (std::isfinite(value) && all_finite<double>(g)) return;
  const std::string place = f_->explain_nonfinite(w);
  const bool overflows = place.find("too large for a number") != std::string::npos;
  throw Error(Fault::usage, "{}{}; choose another start",
              std::isfinite(value) ? "f has no finite slope at the start"
              : overflows          ? "f overflows at the start"
                                   : "the start is outside the domain of f",
              place.empty() ? "" : ": " + place);
}

std::string FormulaMethod::text() const {
  const char* const scaled = scale == "none" ? "" : ", scaled variables";
  if (learning_rate) return fmt::format("{}, γ = {}{}", direction, shortest(*learning_rate), scaled);
  return fmt::format("{}, line search {}{}", direction, line_search, scaled);
}

FormulaMethod completed(FormulaMethod method) {
  if (method.direction == "cg") method.direction = "conjugate_gradient";
  make_direction<double>(method.direction, method.direction_options);  // knows its name and constants
  if (!(method.tolerance >= 0)) throw Error(Fault::usage, "--tolerance {} must be at least 0", method.tolerance);
  if (method.learning_rate) {
    if (!method.line_search.empty())
      throw Error(Fault::usage, "--learning-rate fixes γ and --line-search looks for it: give one of them");
    if (!(*method.learning_rate > 0) || !std::isfinite(*method.learning_rate))
      throw Error(Fault::usage, "--learning-rate {}: γ must be a number above 0{}", shortest(*method.learning_rate),
                  *method.learning_rate < 0 ? "; to go uphill, use --maximize" : "");
    return method;
  }
  if (method.line_search.empty()) {
    if (method.direction == "steepest") {
      method.line_search = "armijo";
    } else if (is_listed(method.direction, "conjugate_gradient lbfgs newton")) {
      method.line_search = "wolfe";
    } else {
      throw Error(Fault::usage, "{} needs a step size: --learning-rate 0.1, for instance", method.direction);
    }
  }
  if (method.line_search == "polyak" && std::isnan(method.search_options.minimum))
    throw Error(Fault::usage,
                "the polyak step needs the minimum's value: --set minimum=0; where it is not known, try "
                "armijo");
  make_line_search<double>(method.line_search, method.search_options);
  return method;
}

void set_lambda_max(FormulaProblem& problem, FormulaRun& run) {
  const auto lambda_max = [&] {
    // Where a run diverged, that of the first step whose γ was beyond 2/λmax tells more.
    if (run.report.reason == Reason::diverged)
      for (const StepRecord& row : run.rows)
        if (row.gamma_lambda > 2) return row.gamma_lambda / row.gamma;
    if (run.end.eigenvalues.empty() || run.has_lost_scales) return std::nan("");
    if (run.scales.empty()) return problem.maximize() ? -run.end.lambda_min() : run.end.lambda_max();
    FormulaScale scale(problem.descended(), run.scales);
    std::vector<double> u = run.end.w;
    scale.to_scaled(u);
    return hessian_spectrum(scale.objective(), u).values.back();
  };
  run.lambda_max = lambda_max();
  run.limit = stability_limit(run.lambda_max);
}

void finish_run(FormulaProblem& problem, FormulaRun& run, ConstParams<double> w, double tolerance,
                const RunOptions& options) {
  const bool scaled = !run.scales.empty();
  const auto in_terms_of_f = [&](StepRecord& row) {
    row.f *= problem.sign();
    for (std::size_t i = 0; scaled && i < row.w.size(); ++i) row.w[i] *= run.scales[i];
  };
  for (StepRecord& row : run.rows) in_terms_of_f(row);
  in_terms_of_f(run.last);
  run.end = classify(problem.f(), w);
  // Where a large tolerance ended the run near a critical point, that one counts.
  if (run.end.kind == PointKind::not_critical && run.report.reason == Reason::gradient_small)
    run.end = classify(problem.f(), w, {.step_tolerance = kNear, .gradient_tolerance = std::max(1e-6, tolerance)});
  if (run.end.kind == PointKind::kink) run.around = look_around(problem.f(), w);
  run.status = run.report.status();
  if (run.end.kind == PointKind::not_critical &&
      (run.report.reason == Reason::gradient_small || run.report.reason == Reason::epoch_budget))
    run.tail = tail_text(problem, w);
  if (run.end.kind == PointKind::not_critical &&
      (run.report.reason == Reason::loss_settled || run.report.reason == Reason::gradient_small ||
       run.report.reason == Reason::precision_limit))
    run.status = Status::stopped;
  // At a kink, which is no minimum as far as values around it tell.
  const KinkKind wanted = problem.maximize() ? KinkKind::maximum : KinkKind::minimum;
  const bool is_no_end = run.end.kind == PointKind::jump || (run.end.kind == PointKind::kink && run.around != wanted);
  if (run.status == Status::converged && run.report.reason != Reason::target_reached) {
    if (is_no_end) run.status = Status::stopped;
    run.warning = warning_text(run, problem.names(), options.start, problem.maximize());
    // A kink has no way on that is proved; but nothing was done there.
    const bool falls = !(problem.maximize() ? run.end.uphill : run.end.downhill).empty();
    if (!run.warning.empty() || (run.report.steps == 0 && falls)) run.status = Status::stopped;
  }
  set_lambda_max(problem, run);
  note_kinks(problem, run);
  run.why = why_text(run, tolerance, options.budget, problem.maximize());
  run.what = what_text(run, problem.names(), options.start, problem.maximize());
}

FormulaRun run_formula(FormulaProblem& problem, const FormulaMethod& method, std::vector<double> start) {
  problem.check_start(start);
  FormulaRun run;
  run.start = start;
  StepTable table({.keep = method.keep, .most_weights = kEigenvaluesEach});
  Observer<double>* const observers[] = {&table};
  std::vector<double> w = std::move(start);
  FormulaScale scale(problem.descended(), "--scale", method.scale, problem.names(), w);
  run.scales = scale.scales();
  scale.to_scaled(w);
  run.report = descend(scale.objective(), method, w, observers);
  scale.from_scaled(w);
  run.rows = std::move(table.rows);
  run.last = std::move(table.last);
  finish_run(problem, run, w, method.tolerance);
  return run;
}

Basins run_from_starts(FormulaProblem& problem, const FormulaMethod& method, const Box& box, std::size_t starts,
                       std::uint64_t seed) {
  const auto run = [&](Objective<double>& objective, Params<double> w) {
    FormulaScale scale(objective, "--scale", method.scale, problem.names(), w);
    scale.to_scaled(w);
    const Report report = descend(scale.objective(), method, w, {});
    scale.from_scaled(w);
    return report;
  };
  return minimize_from_starts<double>(problem.descended(), box, run, {.starts = starts, .seed = seed});
}

std::string FormulaRun::verdict() const { return tail.empty() ? verdict_text(end.kind) : "at infinity"; }

std::string verdict_text(PointKind kind) {
  switch (kind) {
    case PointKind::minimum:
      return "local minimum";
    case PointKind::maximum:
      return "local maximum";
    case PointKind::not_critical:
      return "not critical";
    default:
      return std::string(to_string(kind));
  }
}

}  // namespace descent
