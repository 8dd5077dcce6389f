// SPDX-License-Identifier: Apache-2.0
// A dozen options need no library.
#include "options.h"

#include <algorithm>
#include <charconv>

#include "interrupt.h"

namespace kelp::bench {
namespace {

double read_number(const std::string& option, const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value <= 0)
    throw Failure(option + " wants a number above 0, not '" + text + "'");
  return value;
}

std::vector<std::string> row_names() {
  std::vector<std::string> names;
  for (const Row& row : rows()) names.push_back(row.name);
  for (const MemoryRow& row : memory_rows()) names.push_back(row.name);
  for (const LinearRow& row : linear_rows()) names.push_back(row.name);
  return names;
}

void check_row(const std::string& name) {
  const std::vector<std::string> all = row_names();
  if (std::find(all.begin(), all.end(), name) == all.end())
    throw Failure("no such row: " + name + " (--help lists them)");
}

}  // namespace

std::string help() {
  std::string names;
  for (const std::string& name : row_names()) names += (names.empty() ? "" : " ") + name;
  return "usage: kelp-bench [OPTIONS]\n"
         "  --kelp PATH       the kelp to measure (default: beside this program)\n"
         "  --only ROW        this row alone; may be given again. Rows:\n"
         "                    " +
         names +
         "\n"
         "  --rounds N        rounds a row (200)\n"
         "  --seconds N       the most for one contender of a row (10); a slow one runs in fewer rounds, at "
         "least 3\n"
         "  --check           print each budget with what was measured; exit status 1 if one is missed\n"
         "  --peers           fail if one of bwrap, unshare, crun, runc, podman is not installed\n"
         "  --json FILE       write the results as JSON (- is stdout)\n"
         "  --markdown FILE   write them as RESULTS.md has them (- is stdout)\n"
         "  --profile         instead of measuring: where a start of kelp spends its time\n";
}

bool Options::wants(const std::string& row) const {
  return only.empty() || std::find(only.begin(), only.end(), row) != only.end();
}

Options read_options(std::span<char* const> arguments) {
  Options options;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    std::string option = arguments[i];
    std::optional<std::string> attached;
    if (const std::size_t equals = option.find('=');
        option.starts_with("--") && equals != std::string::npos) {
      attached = option.substr(equals + 1);
      option.resize(equals);
    }
    const auto value = [&]() -> std::string {
      if (attached) return *attached;
      if (++i == arguments.size()) throw Failure(option + " wants a value");
      return arguments[i];
    };
    if (option == "--rounds")
      options.effort.rounds = std::max(1, static_cast<int>(std::min(read_number(option, value()), 1e6)));
    else if (option == "--seconds")
      options.effort.seconds = read_number(option, value());
    else if (option == "--only")
      check_row(options.only.emplace_back(value()));
    else if (option == "--kelp")
      options.kelp = value();
    else if (option == "--json")
      options.json_file = value();
    else if (option == "--markdown")
      options.markdown_file = value();
    else if (option == "--check")
      options.must_check = true;
    else if (option == "--peers")
      options.needs_peers = true;
    else if (option == "--profile")
      options.is_profile = true;
    else if (option == "--help" || option == "-h")
      options.is_help = true;
    else
      throw Failure("unknown option: " + option + " (--help lists them)");
  }
  return options;
}

}  // namespace kelp::bench
