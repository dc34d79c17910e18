#include "trainers/critical_collection.hpp"

#include "trainers/critical_curves.hpp"
#include "trainers/same.hpp"
#include "trainers/sentences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace descent {

constexpr double kDegenerate = CriticalCurves::kReach;

void CriticalCollection::see(const std::vector<double>& w, double value, bool on_boundary) {
  if (found_.lowest.w.empty() || value < found_.lowest.value) found_.lowest = {w, value, on_boundary};
  if (found_.highest.w.empty() || value > found_.highest.value) found_.highest = {w, value, on_boundary};
}

void CriticalCollection::keep_isolated(CriticalPoint p) {
  for (const FoundPoint& known : found_.points) {
    const double near = p.flat > 0 || known.point.flat > 0 ? kDegenerate : kSame;
    bool same = same_value(p.value, known.point.value, found_.value_scale);
    for (std::size_t i = 0; i < p.w.size(); ++i)
      same = same && std::abs(p.w[i] - known.point.w[i]) <= near * box_.width(i);
    if (same) return;
  }
  found_.points.push_back({std::move(p), false, false});
}

bool CriticalCollection::knows_continuum(double value) const {
  return std::ranges::any_of(found_.continua, [&](const Continuum& c) {
    return c.at_least >= 8 && same_value(c.value, value, found_.value_scale);
  });
}

bool CriticalCollection::keep_on_continuum(const CriticalPoint& p, std::size_t dimensions) {
  constexpr std::size_t kSamples = 64;
  for (Continuum& c : found_.continua) {
    if (!same_value(c.value, p.value, found_.value_scale)) continue;
    ++c.at_least;
    c.dimensions = std::min(c.dimensions, dimensions);
    if (c.samples.size() < kSamples) c.samples.push_back(p.w);
    return c.at_least < 4;
  }
  found_.continua.push_back({{p.w}, 1, p.value, dimensions});
  return true;
}

void CriticalCollection::keep_kink(Kink kink) {
  const std::vector<double> w = kink.w;
  if (kink.kind != KinkKind::jump) round_off(f_, box_, kink);
  for (Kink& known : found_.kinks) {
    bool same = true;
    for (std::size_t i = 0; i < w.size(); ++i) same = same && std::abs(known.w[i] - w[i]) < kDegenerate * box_.width(i);
    if (same) return;
    if (w.size() > 1 && on_one_line(f_, known, kink, found_.value_scale)) {
      known.isolated = false;
      return;
    }
  }
  // Below or above all values seen by more than they differ, f has a pole.
  const double low = found_.lowest.value, high = found_.highest.value;
  if (!(low - kink.value <= high - low && kink.value - high <= high - low)) return;
  if (!box_.contains(w)) return;
  found_.kinks.push_back(std::move(kink));
}

void CriticalCollection::keep_plateau(const std::vector<double>& w) {
  ++found_.plateau_starts;
  if (found_.plateau.empty()) found_.plateau = w;
}

CriticalPoints CriticalCollection::take(std::size_t starts, std::size_t rounds) {
  sort();
  mark_extremes();
  found_.starts = starts;
  found_.rounds = rounds;
  return std::move(found_);
}

// Of degenerate ones every start finds another beside those known.
void CriticalCollection::note_last(const std::vector<double>& w) {
  found_.complete = found_.complete && std::ranges::none_of(found_.points, [&](const FoundPoint& p) {
                      if (p.point.flat > 0) return false;
                      for (std::size_t i = 0; i < w.size(); ++i)
                        if (!(std::abs(p.point.w[i] - w[i]) <= kSame * box_.width(i))) return false;
                      return true;
                    });
}

void CriticalCollection::sort() {
  const auto by_value = [](const auto& a, const auto& b) { return a.value < b.value; };
  std::sort(found_.continua.begin(), found_.continua.end(), by_value);
  std::sort(found_.kinks.begin(), found_.kinks.end(), by_value);
  std::sort(found_.points.begin(), found_.points.end(), [](const FoundPoint& a, const FoundPoint& b) {
    return a.point.value != b.point.value ? a.point.value < b.point.value : a.point.w < b.point.w;
  });
}

void CriticalCollection::mark_extremes() {
  double low = found_.lowest.value, high = found_.highest.value;
  for (const FoundPoint& p : found_.points) {
    low = std::min(low, p.point.value);
    high = std::max(high, p.point.value);
  }
  for (const Continuum& c : found_.continua) {
    low = std::min(low, c.value);
    high = std::max(high, c.value);
  }
  for (const Kink& kink : found_.kinks) {
    low = std::min(low, kink.value);
    high = std::max(high, kink.value);
  }
  for (FoundPoint& p : found_.points) {
    p.lowest = p.point.value <= low || same_value(p.point.value, low, found_.value_scale);
    p.highest = p.point.value >= high || same_value(p.point.value, high, found_.value_scale);
  }
}

std::string Continuum::sentence(double scale_of_f) const {
  const char* what = samples.front().size() == 1 ? "in an interval"
                     : dimensions == 1           ? "on a curve"
                     : dimensions == 2           ? "on a surface"
                                                 : "on a continuum";
  return fmt::format("at least {} point{} {} of critical points, where f = {}", at_least, at_least == 1 ? "" : "s",
                     what, rounded(same_value(value, 0, scale_of_f) ? 0 : value));
}

std::string CriticalPoints::sentence() const {
  std::string text = points.empty() && continua.empty() ? "no critical point in the box"
                     : points.empty()                   ? "no isolated critical point in the box"
                                      : fmt::format("{}{} critical point{} in the box{}", complete ? "" : "at least ",
                                                    points.size(), points.size() == 1 ? "" : "s",
                                                    complete ? "" : "; the last starts found new ones still");
  for (const Continuum& c : continua) text += "; " + c.sentence(value_scale);
  const auto jumps = static_cast<std::size_t>(std::ranges::count(kinks, KinkKind::jump, &Kink::kind));
  const auto several = [](std::size_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  };
  if (kinks.size() > jumps) text += "; " + several(kinks.size() - jumps, "extreme point") + " at a kink of f";
  if (jumps > 0) text += "; " + several(jumps, "jump") + " of f";
  if (plateau_starts > 0) text += "; f does not change at all in a part of the box";
  if (undefined > looked_at / 2)
    text += fmt::format("; f is not a finite number at {} of {} points looked at", undefined, looked_at);
  return text;
}

}  // namespace descent
