// SPDX-License-Identifier: Apache-2.0
// Single causes of refused id ranges; see range_causes.h.
// Runs in: parent.
#include "host/range_causes.h"

#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "host/id_facts.h"
#include "host/namespace_causes.h"
#include "host/subids.h"

namespace kelp::host {
namespace {

constexpr std::uint64_t kUsualFirst = 100000;
constexpr std::uint64_t kUsualCount = 65536;

std::string mend_by_package(const Machine& machine) {
  const std::string distribution = machine.distribution();
  if (distribution == "debian") return "sudo apt-get install uidmap";
  if (distribution == "fedora") return "sudo dnf install shadow-utils";
  if (distribution == "arch") return "sudo pacman -S shadow";
  if (distribution == "alpine") return "sudo apk add shadow-subids";
  if (distribution == "suse") return "sudo zypper install shadow";
  return "install the package that has newuidmap and newgidmap (Debian: uidmap, Fedora: shadow-utils, "
         "Alpine: "
         "shadow-subids)";
}

// One past the last id that anybody has in the file.
std::uint64_t end_of_file_ranges(const Machine& machine, std::string_view path) {
  std::uint64_t end = 0;
  Result<LineReader> lines = LineReader::open(cat(machine.prefix, path));
  if (!lines) return end;
  while (const std::optional<Line> line = lines->next()) {
    const std::vector<std::string_view> fields = split(line->text, ':');
    if (fields.size() != 3) continue;
    const std::optional<std::uint64_t> first = read_decimal(fields[1], kLastId);
    const std::optional<std::uint64_t> count = read_decimal(fields[2], kLastId);
    if (first && count) end = std::max(end, *first + *count);
  }
  return end;
}

std::string mend_by_range(const Machine& machine) {
  const std::uint64_t first = std::max(
      {kUsualFirst, end_of_file_ranges(machine, "/etc/subuid"), end_of_file_ranges(machine, "/etc/subgid")});
  const std::uint64_t last = first + kUsualCount - 1;
  const std::string line = cat(machine.user, ":", first, ":", kUsualCount);
  // usermod knows local users only, and a system with busybox alone has none.
  if (!machine.is_local_user || machine.distribution() == "alpine") {
    return cat("echo ", shell_quoted(line), " | sudo tee -a /etc/subuid /etc/subgid");
  }
  return cat("sudo usermod --add-subuids ", first, "-", last, " --add-subgids ", first, "-", last, " ",
             shell_quoted(machine.user), "  (which adds the line ", line, " to both)");
}

bool has_bounding_capability(const Machine& machine, unsigned number) {
  const std::string text = machine.status("CapBnd");
  std::uint64_t mask = ~std::uint64_t{0};
  std::from_chars(text.data(), text.data() + text.size(), mask, 16);
  return ((mask >> number) & 1U) != 0;
}

std::optional<Cause> helper_is_plain(const Machine& machine, const std::string& name, unsigned capability) {
  const std::string path = find_program(name);
  struct stat info{};
  if (path.empty() || ::stat(path.c_str(), &info) != 0) return std::nullopt;
  const bool has_setuid_bit = (info.st_mode & S_ISUID) != 0;
  if (has_setuid_bit && info.st_uid != 0) {
    return Cause{
        .why = cat(path, " belongs to uid ", info.st_uid,
                   " here, not to root: in this user namespace it gains "
                   "no rights"),
        .mend = "use --userns=single, or give the outer container a root file system and a range of its own"};
  }
  if (!has_setuid_bit && ::getxattr(path.c_str(), "security.capability", nullptr, 0) <= 0) {
    return Cause{
        .why = cat(path,
                   " has neither the setuid bit nor file capabilities (a copy of a root file system, or "
                   "an image, may have lost them)"),
        .mend = cat("sudo chmod u+s ", path, ", or install its package again: ", mend_by_package(machine))};
  }
  struct statvfs place{};
  if (::statvfs(path.c_str(), &place) == 0 && (place.f_flag & ST_NOSUID) != 0) {
    return Cause{.why = cat(path, " lies on a file system that is mounted nosuid, so it gains no rights"),
                 .mend = "mount it without nosuid"};
  }
  if (!has_bounding_capability(machine, capability)) {
    return Cause{.why = cat(name, " cannot gain its capability: the bounding set of this process lacks it"),
                 .mend = "start the outer container or service with --cap-add SETUID --cap-add SETGID"};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Cause> no_helpers(const Machine& machine) {
  for (const char* const name : {"newuidmap", "newgidmap"}) {
    if (!find_program(name).empty()) continue;
    return Cause{.why = cat(name, " is not installed"), .mend = mend_by_package(machine)};
  }
  return std::nullopt;
}

std::optional<Cause> under_no_new_privs(const Machine& machine) {
  if (machine.status("NoNewPrivs") != "1") return std::nullopt;
  return Cause{.why = "no_new_privs is set on this process: newuidmap and newgidmap cannot gain their rights",
               .mend =
                   "start kelp without it (setpriv --no-new-privs, a `kelp run` without --new-privileges, "
                   "NoNewPrivileges= of systemd, "
                   "no-new-privileges or allowPrivilegeEscalation: false of the outer container)"};
}

std::optional<Cause> helper_gains_nothing(const Machine& machine) {
  if (std::optional<Cause> cause = under_no_new_privs(machine)) return cause;
  if (std::optional<Cause> cause = helper_is_plain(machine, "newuidmap", CAP_SETUID)) return cause;
  return helper_is_plain(machine, "newgidmap", CAP_SETGID);
}

std::optional<Cause> no_ranges(const Machine& machine) {
  // Its name is then that of the id which stands for all that are not mapped.
  if (std::optional<Cause> cause = own_id_not_mapped(machine)) return cause;
  const RangeOwner owner{.name = machine.user, .uid = machine.uid};
  for (const char* const name : {"subuid", "subgid"}) {
    const std::string path = cat("/etc/", name);
    const Result<RangeList> read = read_range_file(cat(machine.prefix, path), owner);
    if (!read) continue;
    const RangeList& listed = *read;
    if (listed.ranges.empty()) {
      const std::string_view rest = listed.warnings.empty() ? "" : " that can be used";
      return Cause{.why = cat(path, " has no line for ", printable(machine.user), rest),
                   .mend = mend_by_range(machine)};
    }
    const std::string map =
        machine.read(cat("/proc/self/", name[3] == 'u' ? "uid" : "gid", "_map")).value_or("");
    if (!map.empty() && within(listed.ranges, read_id_map(map)).empty()) {
      return Cause{
          .why = cat("the range that ", path, " gives to ", printable(machine.user),
                     " lies outside of this user namespace (/proc/self/", name[3] == 'u' ? "uid" : "gid",
                     "_map)"),
          .mend = "give the outer container a range of its own, or a line in that file within its map"};
    }
  }
  return std::nullopt;
}

}  // namespace kelp::host
