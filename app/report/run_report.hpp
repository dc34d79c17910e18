// The report of one or several runs of a network.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace descent {

// The data of html_page for the folders of runs; a folder with a tune.csv adds the sweep of learning rates. What cannot
// be shown (a run without a model yet, data that have changed) is left out with a note that says why. Throws Error as
// read_run does.
nlohmann::ordered_json report_of_runs(const std::vector<std::string>& folders);

}  // namespace descent
