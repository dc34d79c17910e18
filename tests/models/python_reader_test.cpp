// A second reader, written from the format's document in another language, must agree with ours.
#include "models/file_io.hpp"
#include "models/model.hpp"
#include "tests/models/safetensors_samples.hpp"
#include "tests/models/sample_model.hpp"
#include "tests/support/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace descent {
namespace {

constexpr const char* kPython = "/usr/bin/python3";

// What `read_safetensors.py <arguments>` prints.
std::string run_reader(const test::TemporaryFolder& folder, const std::string& arguments) {
  const std::string command = fmt::format("{} '{}/tests/models/read_safetensors.py' {} > '{}'", kPython,
                                          DESCENT_SOURCE_DIR, arguments, folder.file("answer"));
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  return read_file(folder.file("answer"));
}

class PythonReader : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kPython)) GTEST_SKIP() << "no " << kPython;
  }
  test::TemporaryFolder folder_;
};

TEST_F(PythonReader, PredictsWhatTheLibraryPredicts) {
  for (const Precision precision : {Precision::float32, Precision::float64})
    for (const Model& model : {test::sample_model(precision), test::sample_regression(precision)}) {
      const Dataset data = test::sample_inputs(20, model.network.inputs);
      const Matrix<double> expected = predict(model, data);
      save_model(folder_.file("m"), model);
      std::string rows;  // raw inputs, which the reader standardises
      for (std::size_t i = 0; i < 20; ++i) {
        for (std::size_t j = 0; j < model.network.inputs; ++j)
          rows += fmt::format("{} ", data.inputs(i, j) * model.encoding.input_scale[j] + model.encoding.input_mean[j]);
        rows += '\n';
      }
      write_file_atomically(folder_.file("rows"), rows);
      std::istringstream answer(
          run_reader(folder_, fmt::format("predict '{}' < '{}'", folder_.file("m"), folder_.file("rows"))));
      for (std::size_t i = 0; i < 20; ++i)
        for (std::size_t k = 0; k < expected.shape(1); ++k) {
          double got = 0;
          ASSERT_TRUE(answer >> got);
          const std::size_t columns = model.encoding.target_scale.size();
          EXPECT_NEAR(got, expected(i, k), 1e-6 * model.encoding.target_scale[std::min(k, columns - 1)]);
        }
      double more = 0;
      EXPECT_FALSE(answer >> more);
    }
}

TEST_F(PythonReader, RefusesAndAcceptsTheSameFiles) {
  const auto answers = [&](const std::vector<test::Sample>& samples) {
    std::string files;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const std::string path = folder_.file(std::to_string(i));
      write_file_atomically(path, samples[i].bytes);
      files += " '" + path + "'";
    }
    std::vector<std::string> lines;
    std::istringstream text(run_reader(folder_, "check" + files));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    EXPECT_EQ(lines.size(), samples.size());
    lines.resize(samples.size());
    return lines;
  };
  const auto refused = test::refused_samples(), accepted = test::accepted_samples();
  const auto refused_lines = answers(refused), accepted_lines = answers(accepted);
  for (std::size_t i = 0; i < refused.size(); ++i) EXPECT_NE(refused_lines[i], "ok") << refused[i].what;
  for (std::size_t i = 0; i < accepted.size(); ++i) EXPECT_EQ(accepted_lines[i], "ok") << accepted[i].what;
}

}  // namespace
}  // namespace descent
