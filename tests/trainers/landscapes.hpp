// Functions of one to six variables with all their critical points in a box, counted by hand.
#pragma once

#include "framework/objective.hpp"
#include "tests/support/jet.hpp"
#include "trainers/box.hpp"
#include "trainers/critical_point.hpp"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace descent::support {

struct KnownPoint {
  std::vector<double> w;
  PointKind kind;
};

struct Landscape {
  std::string name;  // the formula
  Jet (*f)(const Jet* x);
  Box box;
  std::vector<KnownPoint> points;     // the isolated ones
  std::vector<double> continua = {};  // the values on curves of critical points, ascending
  std::vector<std::vector<double>> kinks = {};
  bool plateau = false;
};
std::span<const Landscape> landscapes();
const Landscape& landscape(const std::string& name);  // asserts that it is there

// A formula in Jets as an objective.
class JetObjective final : public Objective<double> {
 public:
  JetObjective(Jet (*f)(const Jet*), std::size_t n) : f_(f), n_(n) {}
  explicit JetObjective(const Landscape& l) : JetObjective(l.f, l.box.dimension()) {}
  std::size_t dimension() const override { return n_; }
  std::size_t terms() const override { return 1; }
  bool has_hessian() const override { return true; }

 private:
  Jet at(ConstParams<double> w) const;
  double do_value(ConstParams<double> w, Terms batch) override;
  double do_value_and_gradient(ConstParams<double> w, Params<double> g, Terms batch) override;
  void do_hessian_vector(ConstParams<double> w, ConstParams<double> v, Params<double> hv, Terms batch) override;
  void do_hessian(ConstParams<double> w, MatrixView<double> h, Terms batch) override;

  Jet (*f_)(const Jet*);
  std::size_t n_;
};

}  // namespace descent::support
