// A training by the program, in a folder of its own: looked into, damaged, resumed.
#pragma once

#include "tests/support/program.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace descent::test {

class TrainedRun {
 public:
  // Trains `config` with the arguments `more`. `data`: what d.csv beside the config holds, if anything.
  explicit TrainedRun(const std::string& config, const std::vector<std::string>& more = {},
                      const std::string& data = "") {
    if (!data.empty()) scratch_.write("d.csv", data);
    scratch_.write("c.toml", config);
    std::vector<std::string> command = {"train", "c.toml", "--json", "-q"};
    command.insert(command.end(), more.begin(), more.end());
    first = run_program(command, scratch_.path());
    run = nlohmann::json::parse(first.out)["run"];
  }
  Ran descent(const std::vector<std::string>& arguments) const { return run_program(arguments, scratch_.path()); }
  Ran resume(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"train", "--resume", run, "--json", "-q"});
    return descent(more);
  }
  std::string file(const std::string& name) const { return scratch_.file(run + "/" + name); }
  nlohmann::json result() const { return nlohmann::json::parse(read_text(file("result.json"))); }
  std::string hash() const { return result()["weights_hash"]; }
  void forget_result() const { std::filesystem::remove(file("result.json")); }
  void write(const std::string& name, const std::string& contents) const { scratch_.write(run + "/" + name, contents); }
  void write_outside(const std::string& name, const std::string& contents) const { scratch_.write(name, contents); }

  Ran first;
  std::string run;  // the folder, seen from the config's

 private:
  TemporaryFolder scratch_;
};

}  // namespace descent::test
