// SPDX-License-Identifier: Apache-2.0
// The command line of `kelp rootfs`.
#include "cli/rootfs.h"

#include <array>
#include <utility>

#include "base/text.h"
#include "cli/help.h"

namespace kelp::cli {
namespace {

enum Row : std::size_t { kWith, kJson, kHelp };
constexpr std::array<FlagInfo, 3> kFlags = {{
    {.name = "with",
     .takes = Takes::kValue,
     .value = "PATH",
     .group = "What is copied",
     .help = "also this file or directory of the host, at the same path; may be repeated"},
    {.name = "json", .group = "Output", .help = "print what was copied as JSON"},
    {.letter = 'h', .name = "help", .group = "Output", .help = "print this and stop"},
}};

}  // namespace

std::span<const FlagInfo> rootfs_flags() { return kFlags; }

std::string rootfs_help() {
  return help_text({
      .usage = "kelp rootfs make DIR PROGRAM... [--with PATH]...",
      .about =
          "Makes a small root file system in DIR from programs of this machine: each with its interpreter "
          "and its shared libraries. Doing it again changes nothing.",
      .flags = kFlags,
      .after = "example: kelp rootfs make ./tiny sh ls cat && kelp run ./tiny ls /\n",
  });
}

Result<RootfsRequest> read_rootfs(std::span<const std::string> args) {
  Result<CommandLine> line = read_command_line(kFlags, {}, args, Positionals::kAnywhere);
  if (!line) return line.error();
  RootfsRequest request;
  for (Given& given : line->given) {
    switch (static_cast<Row>(given.row)) {
      case kWith:
        if (!given.value->starts_with('/')) {
          return Error(cat("read ", given.typed), "the path is not absolute");
        }
        request.with.push_back(*std::move(given.value));
        break;
      case kJson: request.json = given.is_on; break;
      case kHelp: request.help = given.is_on; break;
    }
  }
  if (request.help) return RootfsRequest{.directory = {}, .programs = {}, .with = {}, .help = true};
  std::vector<std::string>& rest = line->rest;
  if (rest.empty())
    return Error("run rootfs", "what to do is missing").with_hint("kelp rootfs make DIR PROGRAM...");
  if (rest[0] != "make") {
    return Error(cat("run rootfs ", rest[0]), "the only thing that it does is 'make'")
        .with_hint("kelp rootfs make DIR PROGRAM...");
  }
  if (rest.size() < 2 || rest[1].empty()) return Error("make a root file system", "the directory is missing");
  if (rest.size() < 3) return Error(cat("make a root file system in ", rest[1]), "no program is named");
  request.directory = std::move(rest[1]);
  for (std::size_t i = 2; i < rest.size(); ++i) {
    if (rest[i].empty()) return Error("make a root file system", "the name of a program is empty");
    request.programs.push_back(std::move(rest[i]));
  }
  return request;
}

}  // namespace kelp::cli
