// SPDX-License-Identifier: Apache-2.0
// `kelp rootfs make`: read the host, decide on a tree, write it. Each half is a file of its own; nothing is
// written before everything that is wanted has been found.
#include "verbs/rootfs.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "cli/rootfs.h"
#include "sys/library_search.h"
#include "verbs/print.h"
#include "verbs/rootfs_gather.h"
#include "verbs/rootfs_print.h"
#include "verbs/rootfs_write.h"

namespace kelp::verbs {
namespace {

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
  const auto note = [&](Status added) {
    if (added) return;
    problems.push_back(added.error());
    for (const Error& other : added.error().others()) problems.push_back(other);
  };
  for (const std::string& program : request.programs) note(gatherer.add_program(program));
  for (const std::string& path : request.with) note(gatherer.add_extra(path, root));
  if (!problems.empty()) return Error::all_of(std::move(problems));
  return gatherer.add_standard();
}

Status make_rootfs(const cli::RootfsRequest& request) {
  Result<sys::LibrarySearch> libraries = sys::LibrarySearch::of_this_machine();
  if (!libraries) return libraries.error();
  Gatherer gatherer(std::move(*libraries), search_path());
  if (Status gathered = gather(gatherer, request); !gathered) return gathered;

  const std::vector<std::string> warnings = gatherer.warnings();
  for (const std::string& warning : warnings) print_warning(warning);
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
  if (request->help) return print_out(cli::rootfs_help());
  Status made = make_rootfs(*request);
  if (made) return 0;
  std::fflush(stdout);  // what was done comes before what was not
  return print_error(made.error());
}

}  // namespace kelp::verbs
