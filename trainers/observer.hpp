// Who watches a minimisation, and may end it.
#pragma once

#include "framework/tensor.hpp"
#include "trainers/report.hpp"

#include <optional>
#include <string>
#include <vector>

namespace descent {

struct Stop {
  Reason reason;
  std::string sentence;
};

template <class Real>
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_start(const EpochRecord&, ConstParams<Real> /*w*/) {}
  virtual std::optional<Stop> on_epoch(const EpochRecord&, ConstParams<Real> /*w*/) { return std::nullopt; }
  // May change w (restore the best) and then says so in the report.
  virtual void on_end(Report&, Params<Real> /*w*/) {}
};

// Keeps every record.
template <class Real>
class History final : public Observer<Real> {
 public:
  void on_start(const EpochRecord& record, ConstParams<Real>) override { records.push_back(record); }
  std::optional<Stop> on_epoch(const EpochRecord& record, ConstParams<Real>) override {
    records.push_back(record);
    return std::nullopt;
  }
  std::vector<EpochRecord> records;  // records[k] is epoch k
};

}  // namespace descent
