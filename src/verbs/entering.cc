// SPDX-License-Identifier: Apache-2.0
// What is found of a container that runs; see entering.h.
#include "verbs/entering.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "launch/managed_cgroup.h"
#include "state/life.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::verbs {

Status check_user_namespace(const state::Record& record) {
  if (record.user_namespace != 0 && state::user_namespace_of(record.init.pid) == record.user_namespace)
    return {};
  return Error("enter the container", "its first process has left the user namespace that it was started in");
}

Result<std::vector<Namespace>> other_namespaces(const state::Record& record) {
  if (Status s = check_user_namespace(record); !s) return s.error();
  const pid_t pid = record.init.pid;
  std::vector<Namespace> kinds;
  for (const NamespaceInfo& info : all_namespaces()) {
    struct stat ours{};
    struct stat theirs{};
    // A kernel without this kind has one for all.
    if (::stat(cat("/proc/self/ns/", info.file).c_str(), &ours) != 0) continue;
    const std::string file = cat("/proc/", pid, "/ns/", info.file);
    if (::stat(file.c_str(), &theirs) != 0) return sys::failure(cat("look at ", file));
    if (ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino) kinds.push_back(info.kind);
  }
  return kinds;
}

std::string cgroup_to_enter(const std::string& cgroup) {
  const std::string inside = cat(cgroup, "/", launch::kLevelInside);
  return !cgroup.empty() && ::access(inside.c_str(), F_OK) == 0 ? inside : cgroup;
}

namespace {

struct MapLine {
  std::uint64_t inside = 0, count = 0;
};

// uid_map as user_namespaces(7) has it: "INSIDE OUTSIDE COUNT" a line, with blanks around.
Result<std::vector<MapLine>> read_map(const std::string& path) {
  const Result<std::string> text = sys::read_proc(path);
  if (!text) return text.error();
  std::vector<MapLine> lines;
  for (const std::string_view line : split(*text, '\n')) {
    std::vector<std::uint64_t> numbers;
    for (const std::string_view word : split(line, ' ')) {
      if (const auto number = read_decimal(word, UINT32_MAX)) numbers.push_back(*number);
    }
    if (numbers.size() == 3) lines.push_back({.inside = numbers[0], .count = numbers[2]});
  }
  return lines;
}

bool is_root_alone(const std::vector<MapLine>& map) {
  return map.size() == 1 && map[0].inside == 0 && map[0].count == 1;
}

}  // namespace

Result<RootIds> root_ids_of(pid_t pid) {
  const Result<std::vector<MapLine>> users = read_map(cat("/proc/", pid, "/uid_map"));
  if (!users) return users.error();
  const Result<std::vector<MapLine>> groups = read_map(cat("/proc/", pid, "/gid_map"));
  if (!groups) return groups.error();
  if (is_root_alone(*users) && is_root_alone(*groups)) return RootIds::kOnlyRoot;
  const bool has_root = std::ranges::any_of(*users, [](const MapLine& line) { return line.inside == 0; });
  return has_root ? RootIds::kOneOfMany : RootIds::kNone;
}

}  // namespace kelp::verbs
