// SPDX-License-Identifier: Apache-2.0
// See data_directories.h.
#include "verbs/data_directories.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "sys/files.h"

namespace kelp::verbs {
namespace {

// Others may make what lies beside a bin/ in a directory of everybody's; theirs is no part of kelp. (All
// whose ids are not mapped around kelp are one owner.)
bool is_of_one_owner(const std::string& program, std::initializer_list<std::string> directories) {
  struct stat ours = {};
  if (::lstat(program.c_str(), &ours) != 0) return false;
  return std::ranges::all_of(directories, [&](const std::string& directory) {
    struct stat theirs = {};
    if (::lstat(directory.c_str(), &theirs) != 0) return false;
    const bool is_for_others =
        (theirs.st_mode & S_IWOTH) != 0 || ((theirs.st_mode & S_IWGRP) != 0 && theirs.st_gid != ours.st_gid);
    return !is_for_others && (theirs.st_uid == ours.st_uid || theirs.st_uid == 0);
  });
}

}  // namespace

std::vector<std::string> data_directories() {
  std::vector<std::string> out = {KELP_DATA_DIRECTORY};
  constexpr std::string_view kBin = "/bin";
  const Result<std::string> program = sys::read_link(AT_FDCWD, "/proc/self/exe");
  if (!program) return out;
  const std::string_view directory = std::string_view(*program).substr(0, program->rfind('/'));
  if (!directory.ends_with(kBin)) return out;
  const std::string share = cat(directory.substr(0, directory.size() - kBin.size()), "/share");
  std::string beside = cat(share, "/kelp");
  if (beside != out.front() && is_of_one_owner(*program, {share, beside, cat(beside, "/profiles")}))
    out.push_back(std::move(beside));
  return out;
}

}  // namespace kelp::verbs
