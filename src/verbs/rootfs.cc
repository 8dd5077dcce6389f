// SPDX-License-Identifier: Apache-2.0
// `kelp rootfs make`: read the host, decide on a tree, write it. Each half is a file of its own; nothing is
// written before everything that is wanted has been found.
#include "verbs/rootfs.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/text.h"
#include "cli/rootfs.h"
#include "sys/library_search.h"
#include "verbs/rootfs_gather.h"
#include "verbs/rootfs_print.h"
#include "verbs/rootfs_write.h"

namespace kelp::verbs {
namespace {

int print_error(const Error& error) {
  std::fflush(stdout);
  std::fputs(cat("kelp: ", error.sentence(), "\n").c_str(), stderr);
  for (const Error& other : error.others()) std::fputs(cat("kelp: ", other.sentence(), "\n").c_str(), stderr);
  const std::string& hint =
      error.hint().empty() && !error.others().empty() ? error.others().back().hint() : error.hint();
  if (!hint.empty()) std::fputs(cat("hint: ", printable(hint), "\n").c_str(), stderr);
  return error.status();
}

std::string search_path() {
  const char* path = std::getenv("PATH");
  return path != nullptr ? path : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

// All that is wrong with what was asked for, not the first alone.
Status gather(Gatherer& gatherer, const cli::RootfsRequest& request) {
  std::error_code ignored;  // then the path stays as it was typed
  const std::string root =
      std::filesystem::weakly_canonical(std::filesystem::absolute(request.directory), ignored).string();
  std::vector<Error> problems;
  for (const std::string& program : request.programs) {
    if (Status added = gatherer.add_program(program); !added) problems.push_back(std::move(added.error()));
  }
  for (const std::string& path : request.with) {
    if (Status added = gatherer.add_extra(path, root); !added) problems.push_back(std::move(added.error()));
  }
  if (!problems.empty()) return Error::all_of(std::move(problems));
  gatherer.add_standard();
  return {};
}

Status make_rootfs(const cli::RootfsRequest& request) {
  Result<sys::LibrarySearch> libraries = sys::LibrarySearch::of_this_machine();
  if (!libraries) return libraries.error();
  Gatherer gatherer(std::move(*libraries), search_path());
  if (Status gathered = gather(gatherer, request); !gathered) return gathered;

  const std::vector<std::string> warnings = gatherer.warnings();
  for (const std::string& warning : warnings) {
    std::fputs(cat("kelp: warning: ", printable(warning), "\n").c_str(), stderr);
  }
  RootfsPrinter printer(request.json ? RootfsOutput::kJson : RootfsOutput::kText, request.directory);
  Status written =
      write_tree(gatherer.tree(), request.directory, [&](const RootChange& change) { printer.tell(change); });
  if (!written) return written;
  return printer.finish(warnings);
}

}  // namespace

int rootfs(std::span<const std::string> args) {
  Result<cli::RootfsRequest> request = cli::read_rootfs(args);
  if (!request) return print_error(request.error());
  if (request->help) {
    std::fputs(cli::rootfs_help().c_str(), stdout);
    return std::fflush(stdout) == 0 ? 0 : kExitCannotStart;
  }
  Status made = make_rootfs(*request);
  return made ? 0 : print_error(made.error());
}

}  // namespace kelp::verbs
