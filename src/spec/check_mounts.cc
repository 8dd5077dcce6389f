// SPDX-License-Identifier: Apache-2.0
// What check() asks of the root file system and of mounts. Links and what exists are the machine's matter.
#include <algorithm>
#include <climits>
#include <set>
#include <variant>

#include "base/text.h"
#include "spec/check_parts.h"

namespace kelp {
namespace {

constexpr std::size_t kMaxLowers = 499;  // OVL_MAX_STACK, less ROOT itself

// Why a path cannot be a destination; empty: it can. Never followed here, so `..` would mean what links make
// of it.
std::string trouble_with(const std::string& path, bool may_be_root) {
  if (path.empty()) return "the destination is empty";
  if (has_zero_byte(path)) return "a path cannot hold a zero byte";
  if (path[0] != '/') return cat("the destination '", path, "' is not absolute");
  if (path.size() >= PATH_MAX) return cat("the destination is longer than ", PATH_MAX - 1, " bytes");
  bool is_root = true;
  // Not by split(): there may be ten thousand destinations.
  for (std::string_view rest = path; !rest.empty();) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    if (part == "..") return cat("there is a '..' in the destination '", path, "'");
    if (!part.empty() && part != ".") is_root = false;
  }
  if (is_root && !may_be_root) return "the destination is the root itself, which ROOT says";
  return {};
}

std::string trouble_with_source(const std::string& path) {
  if (path.empty()) return "the source is empty";
  if (has_zero_byte(path)) return "a path cannot hold a zero byte";
  if (path.size() >= PATH_MAX) return cat("the source is longer than ", PATH_MAX - 1, " bytes");
  return {};
}

// Finds what is wrong with one kind of mount beyond its destination; empty: nothing.
struct TroubleWithKind {
  const Spec& spec;
  std::set<int>& fds;  // those that earlier files read

  std::string operator()(const Bind& bind) const {
    if (bind.from_fd < 0) return trouble_with_source(bind.from);
    return bind.from.empty() ? "" : "it has two sources";
  }
  std::string operator()(const Tmpfs& tmpfs) const { return mode(tmpfs.mode); }
  std::string operator()(const Proc& proc) const {
    if (spec.new_namespaces.has(Namespace::kPid)) return {};
    if (proc.mode != ProcMode::kNew && proc.mode != ProcMode::kPids) return {};
    return "a new proc needs a pid namespace of its own (--proc=host binds the host's)";
  }
  std::string operator()(const Sysfs&) const { return {}; }
  std::string operator()(const Cgroup&) const {
    if (spec.new_namespaces.has(Namespace::kCgroup)) return {};
    return "it needs a cgroup namespace of its own";
  }
  std::string operator()(const Devices&) const { return {}; }
  std::string operator()(const Mqueue&) const { return {}; }
  std::string operator()(const DataFile& file) const { return content(file.fd, file.mode); }
  std::string operator()(const WrittenFile& file) const { return content(file.fd, file.mode); }
  std::string operator()(const OverlayMount& overlay) const {
    using Writes = OverlayMount::Writes;
    std::vector<std::string> paths = overlay.lowers;
    if (overlay.writes == Writes::kKept) paths.insert(paths.end(), {overlay.upper, overlay.work});
    for (const std::string& path : paths) {
      if (std::string why = trouble_with_source(path); !why.empty()) return why;
    }
    if (overlay.lowers.size() > kMaxLowers)
      return cat("these are more than ", kMaxLowers, " lower directories");
    if (overlay.lowers.size() < (overlay.writes == Writes::kRefused ? 2 : 1))
      return "it has too few directories";
    return {};
  }
  std::string operator()(const Seal&) const { return {}; }
  std::string operator()(const Chmod& chmod) const { return mode(chmod.mode); }
  std::string operator()(const NetworkFile&) const { return {}; }
  std::string operator()(const Directory& directory) const { return mode(directory.mode); }
  std::string operator()(const Symlink& link) const {
    if (link.target.empty()) return "the text of a link cannot be empty";
    if (has_zero_byte(link.target)) return "a path cannot hold a zero byte";
    if (link.target.size() >= PATH_MAX) return cat("the text is longer than ", PATH_MAX - 1, " bytes");
    return {};
  }
  std::string operator()(const Hide&) const { return {}; }
  std::string operator()(const Protect&) const { return {}; }
  std::string operator()(const PlainMount& mount) const {
    if (mount.id_map && mount.id_map->users.empty() != mount.id_map->groups.empty())
      return "ids of users and of groups are mapped together";
    if (mount.type == "bind") return trouble_with_source(mount.source);
    for (const std::string* text : {&mount.type, &mount.source, &mount.data}) {
      if (has_zero_byte(*text)) return "a word of mount(2) cannot hold a zero byte";
    }
    return mount.type.empty() ? "the file system has no type" : "";
  }
  std::string operator()(const DeviceNode& node) const { return mode(node.mode); }

 private:
  std::string content(int fd, std::uint32_t bits) const {
    if (fd >= 0 && !fds.insert(fd).second) return cat("descriptor ", fd, " is read by another file already");
    if (fd >= 0 && fd == spec.report_fd) return cat("descriptor ", fd, " is that of the report");
    return mode(bits);
  }
  static std::string mode(std::uint32_t bits) {
    return bits > 07777 ? "the mode has more bits than a mode has" : "";
  }
};

// What on "/" makes the root, or is about the one that is there.
bool may_be_on_root(const MountKind& what) {
  return std::holds_alternative<Bind>(what) || std::holds_alternative<Tmpfs>(what) ||
         std::holds_alternative<OverlayMount>(what) || std::holds_alternative<Directory>(what) ||
         std::holds_alternative<Seal>(what) || std::holds_alternative<Chmod>(what);
}

void check_overlay(const Overlay& overlay, std::vector<Error>& problems) {
  const std::string action = using_of(overlay.origin, "lay a layer over ROOT");
  for (const std::string& lower : overlay.lowers) {
    if (std::string why = trouble_with_source(lower); !why.empty())
      problems.emplace_back(action, std::move(why));
  }
  if (overlay.lowers.size() > kMaxLowers) {
    problems.emplace_back(action, cat("these are more than ", kMaxLowers, " lower directories"));
  }
  if (!overlay.kept) return;
  if (std::string why = trouble_with_source(*overlay.kept); !why.empty())
    problems.emplace_back(action, std::move(why));
}

}  // namespace

std::vector<Error> problems_of_root(const Spec& spec) {
  std::vector<Error> problems;
  if (const auto* directory = std::get_if<DirectoryRoot>(&spec.root.what)) {
    if (std::string why = trouble_with_source(directory->path); !why.empty()) {
      problems.emplace_back("use ROOT", std::move(why));
    }
  }
  if (spec.root.overlay) check_overlay(*spec.root.overlay, problems);
  return problems;
}

std::vector<Error> problems_of_mounts(const Spec& spec) {
  std::vector<Error> problems;
  std::set<int> fds;
  const auto* empty = std::get_if<EmptyRoot>(&spec.root.what);
  const TroubleWithKind trouble_with_kind{spec, fds};
  for (const Mount& mount : spec.mounts) {
    const std::string& to = destination_of(mount);
    const auto add = [&](std::string why) {
      if (!why.empty())
        problems.emplace_back(using_of(mount.origin, cat("mount on '", to, "'")), std::move(why));
    };
    if (std::holds_alternative<Hide>(mount.what) && is_root_path(to)) {
      problems.push_back(
          Error(using_of(mount.origin, "hide '/'"), "no program would be left to run")
              .with_hint("begin with nothing instead: ROOT `empty`, and -v for what is to be seen"));
      continue;
    }
    const bool is_made = empty != nullptr && empty->is_made_by_mounts;
    add(trouble_with(to, is_made && may_be_on_root(mount.what)));
    add(std::visit(trouble_with_kind, mount.what));
  }
  return problems;
}

}  // namespace kelp
