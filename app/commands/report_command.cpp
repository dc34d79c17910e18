#include "app/commands.hpp"
#include "app/report/page.hpp"
#include "app/report/run_report.hpp"
#include "framework/text.hpp"
#include "models/file_io.hpp"

#include <filesystem>
#include <iostream>

namespace descent {

int report_command(const ReportArguments& arguments) {
  const nlohmann::ordered_json data = report_of_runs(arguments.runs);
  const std::string page = html_page(data["title"].get<std::string>() + " – Descent", data);
  std::string path = arguments.output;
  if (path.empty())
    path = arguments.runs.size() == 1 && std::filesystem::is_directory(arguments.runs.front())
               ? (std::filesystem::path(arguments.runs.front()) / "report.html").string()
               : "report.html";
  if (path == "-") {
    std::cout << page;
    return kOk;
  }
  write_file_atomically(path, page);
  if (!arguments.quiet) std::cerr << "wrote " << printable(path, 400) << '\n';
  for (const auto& note : data["notes"]) std::cerr << "note: " << printable(note.get<std::string>(), 1000) << '\n';
  return kOk;
}

}  // namespace descent
