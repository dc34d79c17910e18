// What a search for critical points keeps of all that it meets: each place once. For critical_search.cpp.
#pragma once

#include "trainers/critical_search.hpp"
#include "trainers/kinks.hpp"

#include <vector>

namespace descent {

class CriticalCollection {
 public:
  static constexpr double kSame = 1e-6;  // of the box's width: two roots are one

  CriticalCollection(Objective<double>& objective, const Box& box) : f_(objective), box_(box) {}

  void set_value_scale(double scale) { found_.value_scale = scale; }
  void note_undefined(std::size_t starts, std::size_t of) { found_.undefined = starts, found_.looked_at = of; }
  void see(const std::vector<double>& w, double value, bool on_boundary);
  bool has_seen_any() const { return !found_.lowest.w.empty(); }
  void keep_isolated(CriticalPoint p);
  // Whether more than a few points are known of the continuum where f is that.
  bool knows_continuum(double value) const;
  // Whether its continuum has few points yet.
  bool keep_on_continuum(const CriticalPoint& p, std::size_t dimensions);
  void keep_kink(Kink kink);
  void keep_plateau(const std::vector<double>& w);
  // That this was met in the last round of starts: where it is an isolated point, there may be more.
  void note_last(const std::vector<double>& w);

  // Everything in order, the lowest and highest marked.
  CriticalPoints take(std::size_t starts, std::size_t rounds);

 private:
  void sort();
  void mark_extremes();

  Objective<double>& f_;
  const Box& box_;
  CriticalPoints found_;
};

}  // namespace descent
