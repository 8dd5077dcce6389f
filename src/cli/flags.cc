// SPDX-License-Identifier: Apache-2.0
// The reader of a command line: scan() tells which rows occur, CLI11 parses with these alone. Registering all
// rows would cost more than everything else that happens to a command line.
#include "cli/flags.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "cli/scan.h"

namespace kelp::cli {
namespace {

// What one occurring row is to CLI11, and how many of its values have been handed on.
struct Registered {
  std::size_t row;
  CLI::Option* option;
  std::size_t used = 0;
};

CLI::Option* add(CLI::App& app, const FlagInfo& flag) {
  // Values stay text here, and each one counts.
  CLI::Option* option = app.add_option(long_name(flag), CLI::callback_t());
  option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  switch (flag.takes) {
    case Takes::kNothing: option->expected(0); break;
    case Takes::kOptionalValue: option->expected(0, 1); break;
    case Takes::kValue: option->expected(1); break;
  }
  return option;
}

// Throws what CLI11 throws.
void parse(std::span<const FlagInfo> table, Scan& scan) {
  CLI::App app;
  app.set_help_flag();
  std::vector<Registered> registered;
  std::vector<std::size_t> where(table.size(), table.size());  // row → index in registered
  for (const Given& given : scan.given) {
    if (where[given.row] != table.size()) continue;
    where[given.row] = registered.size();
    registered.push_back({given.row, add(app, table[given.row])});
  }
  std::reverse(scan.normal.begin(), scan.normal.end());  // CLI11 takes arguments from the end
  app.parse(std::move(scan.normal));
  for (Given& given : scan.given) {
    Registered& one = registered[where[given.row]];
    if (given.value) given.value = one.option->results().at(one.used);
    ++one.used;
  }
}

}  // namespace

std::string long_name(const FlagInfo& flag) { return cat("--", flag.name); }

Result<CommandLine> read_command_line(std::span<const FlagInfo> table, std::span<const Lack> lacks,
                                      std::span<const std::string> args, Positionals positionals) {
  Result<Scan> found = scan(table, lacks, args, positionals);
  if (!found) return found.error();
  if (!found->unknown.empty()) return Error::all_of(std::move(found->unknown));
  try {
    if (!found->given.empty()) parse(table, *found);
  } catch (const CLI::Error& error) {
    return Error("read the command line", error.what());
  } catch (const std::out_of_range&) {
    return Error("read the command line", "CLI11 lost a value");
  }
  return CommandLine{.given = std::move(found->given),
                     .rest = std::move(found->rest),
                     .rest_is_marked = found->rest_is_marked};
}

}  // namespace kelp::cli
