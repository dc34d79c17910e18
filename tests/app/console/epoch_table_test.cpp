// The table of epochs as a person reads it.

#include "app/console/epoch_table.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace descent {
namespace {

// The table of one epoch after the start, a line each.
std::string table(const EpochRecord& record, std::size_t validation_rows, std::size_t epochs) {
  testing::internal::CaptureStderr();
  {
    Log log(false, Color::never);
    EpochTable table(log, {"val_loss", "val_r2"}, "r2", validation_rows, epochs, 1);
    table.start(record);
  }
  return testing::internal::GetCapturedStderr();
}

TEST(EpochTable, KeepsItsColumnsApartHoweverLongTheNumbers) {
  EpochRecord record;
  record.epoch = 1234567;
  record.terms = 7;
  record.batch_size = 3;
  record.loss = -7.3157612345e-06;
  record.gradient_norm = 1.23456e-100;
  record.gamma = 1.23e-100;
  record.seconds = 123456.7;
  record.figures = {-1.23456e-100, -123456.0};
  std::istringstream lines(table(record, 5, 1234567));
  std::string heading, row, cell;
  std::getline(lines, heading);
  std::getline(lines, row);
  std::istringstream cells(row);
  std::vector<std::string> found;
  while (cells >> cell) found.push_back(cell);
  EXPECT_EQ(found, (std::vector<std::string>{"1234567", "-7.316e-06", "-1.05e-06", "-2.5e-101", "-1e+05", "1.23e-100",
                                             "1.2e-100", "3.7e-100", "123457"}))
      << row;
  EXPECT_EQ(row.size(), 81u) << "79 columns and the two digits that the epoch takes more";
}

TEST(EpochTable, SaysWhenTheLossIsTheRunningSum) {
  EpochRecord record;
  record.terms = 1;
  record.running = true;
  EXPECT_NE(table(record, 0, 9).find("running L"), std::string::npos);
}

}  // namespace
}  // namespace descent
