#include "framework/formula/functions.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace descent::formula {
namespace {

double sigmoid(double u) {
  const double e = std::exp(-std::abs(u));  // of a number ≤ 0: nothing overflows
  return (u >= 0 ? 1.0 : e) / (1 + e);
}
double softplus(double u) { return (u > 0 ? u : 0.0) + std::log1p(std::exp(-std::abs(u))); }
// Comparisons that let a NaN through instead of hiding it.
double step(double u) { return u > 0 ? 1.0 : (u <= 0 ? 0.0 : u); }
double sign(double u) { return u > 0 ? 1.0 : (u < 0 ? -1.0 : u); }
double relu(double u) { return u < 0 ? 0.0 : u; }
double minimum(double u, double v) { return u < v || u != u ? u : v; }
double maximum(double u, double v) { return u > v || u != u ? u : v; }

double from_zero(double u) { return std::abs(u); }
double from_whole(double u) { return std::abs(u - std::nearbyint(u)); }
double from_one(double u) { return std::abs(std::abs(u) - 1); }

Slopes flat(double, double) { return {0, 0}; }

template <int base>
Slopes logarithm(double u, double) {
  const double scale = base == 0 ? 1 : 1 / std::log(static_cast<double>(base == 0 ? 1 : base));
  return {scale / u, -scale / (u * u)};
}

// Where there is no derivative a subgradient stands in: sign(0) = 0, step(0) = 0 (so relu′(0) = 0), and 0
// for the jumps of sign, step and floor. Of equal arguments min and max follow the second.
constexpr Function kFunctions[] = {
    {.name = "sin",
     .value = [](double u) { return std::sin(u); },
     .slopes =
         [](double u, double f) {
           return Slopes{std::cos(u), -f};
         },
     .derivative = "cos(u)",
     .latex = "\\sin"},
    {.name = "cos",
     .value = [](double u) { return std::cos(u); },
     .slopes =
         [](double u, double f) {
           return Slopes{-std::sin(u), -f};
         },
     .derivative = "-sin(u)",
     .latex = "\\cos"},
    {.name = "tan",
     .value = [](double u) { return std::tan(u); },
     .slopes =
         [](double, double f) {
           return Slopes{1 + f * f, 2 * f * (1 + f * f)};
         },
     .derivative = "1 + tan(u)^2",
     .latex = "\\tan",
     .domain = "no odd multiple of pi/2"},
    {.name = "asin",
     .value = [](double u) { return std::asin(u); },
     .slopes =
         [](double u, double) {
           const double c = (1 - u) * (1 + u);
           return Slopes{1 / std::sqrt(c), u / (c * std::sqrt(c))};
         },
     .derivative = "1/sqrt(1 - u^2)",
     .latex = "\\arcsin",
     .domain = "a number from -1 to 1",
     .kink = from_one},
    {.name = "acos",
     .value = [](double u) { return std::acos(u); },
     .slopes =
         [](double u, double) {
           const double c = (1 - u) * (1 + u);
           return Slopes{-1 / std::sqrt(c), -u / (c * std::sqrt(c))};
         },
     .derivative = "-1/sqrt(1 - u^2)",
     .latex = "\\arccos",
     .domain = "a number from -1 to 1",
     .kink = from_one},
    {.name = "atan",
     .value = [](double u) { return std::atan(u); },
     .slopes =
         [](double u, double) {
           const double c = 1 / (1 + u * u);
           return Slopes{c, -2 * u * c * c};
         },
     .derivative = "1/(1 + u^2)",
     .latex = "\\arctan"},
    {.name = "sinh",
     .value = [](double u) { return std::sinh(u); },
     .slopes =
         [](double u, double f) {
           return Slopes{std::cosh(u), f};
         },
     .derivative = "cosh(u)",
     .latex = "\\sinh"},
    {.name = "cosh",
     .value = [](double u) { return std::cosh(u); },
     .slopes =
         [](double u, double f) {
           return Slopes{std::sinh(u), f};
         },
     .derivative = "sinh(u)",
     .latex = "\\cosh",
     .never_zero = true},
    {.name = "tanh",
     .value = [](double u) { return std::tanh(u); },
     .slopes =
         [](double u, double f) {
           // 1 − f² loses its digits where f is near ±1; 1/cosh² does not.
           const double c = 1 / std::cosh(u), first = c * c;
           return Slopes{first, -2 * f * first};
         },
     .derivative = "1 - tanh(u)^2",
     .latex = "\\tanh"},
    {.name = "exp",
     .value = [](double u) { return std::exp(u); },
     .slopes =
         [](double, double f) {
           return Slopes{f, f};
         },
     .derivative = "exp(u)",
     .latex = "\\exp",
     .never_zero = true},
    {.name = "log",
     .value = [](double u) { return std::log(u); },
     .slopes = logarithm<0>,
     .derivative = "1/u",
     .latex = "\\ln",
     .domain = "a number > 0"},
    {.name = "log2",
     .value = [](double u) { return std::log2(u); },
     .slopes = logarithm<2>,
     .derivative = "1/(log(2)*u)",
     .latex = "\\log_{2}",
     .domain = "a number > 0",
     .exact = true},
    {.name = "log10",
     .value = [](double u) { return std::log10(u); },
     .slopes = logarithm<10>,
     .derivative = "1/(log(10)*u)",
     .latex = "\\log_{10}",
     .domain = "a number > 0",
     .exact = true},
    {.name = "sqrt",
     .value = [](double u) { return std::sqrt(u); },
     .slopes =
         [](double u, double f) {
           return Slopes{0.5 / f, -0.25 / (u * f)};
         },
     .derivative = "1/(2*sqrt(u))",
     .latex = "\\sqrt{#}",
     .domain = "a number >= 0",
     .kink = from_zero,
     .exact = true},
    {.name = "abs",
     .value = [](double u) { return std::abs(u); },
     .slopes =
         [](double u, double) {
           return Slopes{sign(u), 0};
         },
     .derivative = "sign(u)",
     .latex = "\\left|#\\right|",
     .kink = from_zero,
     .exact = true},
    {.name = "sign",
     .value = sign,
     .slopes = flat,
     .derivative = "0",
     .latex = "\\operatorname{sign}",
     .kink = from_zero,
     .exact = true},
    {.name = "step",
     .value = step,
     .slopes = flat,
     .derivative = "0",
     .latex = "\\operatorname{step}",
     .kink = from_zero,
     .exact = true},
    {.name = "min",
     .value2 = minimum,
     .derivative = "step(v - u)",
     .derivative2 = "1 - step(v - u)",
     .latex = "\\min",
     .kink = from_zero,
     .exact = true},
    {.name = "max",
     .value2 = maximum,
     .derivative = "step(u - v)",
     .derivative2 = "1 - step(u - v)",
     .latex = "\\max",
     .kink = from_zero,
     .exact = true},
    {.name = "relu",
     .value = relu,
     .slopes =
         [](double u, double) {
           return Slopes{step(u), 0};
         },
     .derivative = "step(u)",
     .latex = "\\operatorname{relu}",
     .kink = from_zero,
     .exact = true},
    {.name = "sigmoid",
     .value = sigmoid,
     .slopes =
         [](double u, double f) {
           const double rest = sigmoid(-u), first = f * rest;
           return Slopes{first, first * (rest - f)};
         },
     .derivative = "sigmoid(u)*(1 - sigmoid(u))",
     .latex = "\\sigma",
     .never_zero = true},
    {.name = "softplus",
     .value = softplus,
     .slopes =
         [](double u, double) {
           const double first = sigmoid(u);
           return Slopes{first, first * sigmoid(-u)};
         },
     .derivative = "sigmoid(u)",
     .latex = "\\operatorname{softplus}",
     .never_zero = true},
    {.name = "erf",
     .value = [](double u) { return std::erf(u); },
     .slopes =
         [](double u, double) {
           const double first = 2 * std::numbers::inv_sqrtpi * std::exp(-u * u);
           return Slopes{first, -2 * u * first};
         },
     .derivative = "2*exp(-u^2)/sqrt(pi)",
     .latex = "\\operatorname{erf}"},
    {.name = "floor",
     .value = [](double u) { return std::floor(u); },
     .slopes = flat,
     .derivative = "0",
     .latex = "\\left\\lfloor #\\right\\rfloor",
     .kink = from_whole,
     .exact = true},
    {.name = "sum", .latex = "\\sum_i", .sums_rows = true},
};

struct Alias {
  std::string_view name, ours;
};
constexpr Alias kAliases[] = {{"ln", "log"}};
constexpr Alias kForeign[] = {
    {"arcsin", "asin"}, {"arccos", "acos"}, {"arctan", "atan"}, {"tg", "tan"},         {"arctg", "atan"},
    {"sgn", "sign"},    {"lg", "log10"},    {"lb", "log2"},     {"heaviside", "step"}, {"logistic", "sigmoid"},
    {"fabs", "abs"},    {"mean", "sum"},    {"power", "^"},     {"pow", "^"},
};

constexpr Instead kInstead[] = {
    {"cot", "cot(x)", "1/tan(x)"},
    {"sec", "sec(x)", "1/cos(x)"},
    {"csc", "csc(x)", "1/sin(x)"},
    {"cosec", "cosec(x)", "1/sin(x)"},
    {"coth", "coth(x)", "1/tanh(x)"},
    {"sech", "sech(x)", "1/cosh(x)"},
    {"csch", "csch(x)", "1/sinh(x)"},
    {"asinh", "asinh(x)", "log(x + sqrt(x^2 + 1))"},
    {"arsinh", "arsinh(x)", "log(x + sqrt(x^2 + 1))"},
    {"acosh", "acosh(x)", "log(x + sqrt(x^2 - 1))"},
    {"arcosh", "arcosh(x)", "log(x + sqrt(x^2 - 1))"},
    {"atanh", "atanh(x)", "log((1 + x)/(1 - x))/2"},
    {"artanh", "artanh(x)", "log((1 + x)/(1 - x))/2"},
    {"atan2", "atan2(y, x)", "2*atan(y/(x + sqrt(x^2 + y^2)))"},
    {"cbrt", "cbrt(x)", "sign(x)*abs(x)^(1/3)"},
    {"square", "square(x)", "x^2"},
    {"hypot", "hypot(x, y)", "sqrt(x^2 + y^2)"},
    {"ceil", "ceil(x)", "-floor(-x)"},
    {"round", "round(x)", "floor(x + 0.5)"},
    {"mod", "mod(x, y)", "x - y*floor(x/y)"},
    {"clip", "clip(x, a, b)", "min(max(x, a), b)"},
    {"clamp", "clamp(x, a, b)", "min(max(x, a), b)"},
    {"sinc", "sinc(x)", "sin(x)/x"},
    {"log1p", "log1p(x)", "log(1 + x)"},
    {"expm1", "expm1(x)", "exp(x) - 1"},
    {"silu", "silu(x)", "x*sigmoid(x)"},
    {"swish", "swish(x)", "x*sigmoid(x)"},
    {"erfc", "erfc(x)", "1 - erf(x)"},
    {"if", "if(x > 0, a, b)", "b + (a - b)*step(x)"},
    {"log_2", "log_2(x)", "log2(x)"},
    {"log_10", "log_10(x)", "log10(x)"},
};

constexpr Constant kConstants[] = {{"pi", std::numbers::pi, "\\pi"}, {"e", std::numbers::e, "e"}};

}  // namespace

std::span<const Function> functions() { return kFunctions; }

const Function* find_function(std::string_view name) {
  for (const Alias& alias : kAliases)
    if (alias.name == name) name = alias.ours;
  const auto row = std::ranges::find(kFunctions, name, &Function::name);
  return row == std::end(kFunctions) ? nullptr : row;
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const Function& row : kFunctions) names.emplace_back(row.name);
  for (const Alias& alias : kAliases) names.emplace_back(alias.name);
  return names;
}

std::string_view foreign_name(std::string_view name) {
  const auto row = std::ranges::find(kForeign, name, &Alias::name);
  return row == std::end(kForeign) ? std::string_view() : row->ours;
}

const Instead* find_instead(std::string_view name) {
  const auto row = std::ranges::find(kInstead, name, &Instead::name);
  return row == std::end(kInstead) ? nullptr : row;
}

std::span<const Constant> constants() { return kConstants; }

}  // namespace descent::formula
