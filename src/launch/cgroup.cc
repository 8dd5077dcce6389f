// SPDX-License-Identifier: Apache-2.0
// The container's own cgroup; see cgroup.h.
// Runs in: parent.
#include "launch/cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <utility>

#include "base/text.h"
#include "host/cgroup_facts.h"
#include "launch/cgroup_files.h"
#include "launch/clock.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::launch {
namespace {

constexpr std::string_view kPrefix = "kelp-container-";
constexpr std::string_view kAsidePrefix = "kelp-supervisor-";
constexpr const char* kInside = "inside";
constexpr const char* kMostDepth = "32";  // of cgroups below, of those that a container makes in its own
constexpr std::string_view kWhat = "the container's cgroup";
constexpr const char* kPurpose = "limiting the container";
constexpr std::uint64_t kPatienceUs = 2'000'000;
constexpr int kMostTries = 3;

// CPU time a period, in millionths; nothing: no limit.
std::optional<std::uint64_t> share_in(std::string_view text) {
  const std::vector<std::string_view> words = split(text.substr(0, text.find('\n')), ' ');
  const auto quota = read_decimal(words[0], UINT32_MAX);
  const auto period = words.size() == 2 ? read_decimal(words[1], UINT32_MAX) : std::nullopt;
  if (!quota || !period || *period == 0) return std::nullopt;
  return *quota * 1'000'000 / *period;
}

std::optional<std::uint64_t> amount_in(const std::string& file, std::string_view text) {
  return file == "cpu.max" ? share_in(text) : number_in(text);
}

}  // namespace

Status empty_and_remove(int around_fd, const Claim& claim) {
  int tries = 0;
  for (const std::uint64_t end = now_us() + kPatienceUs;;) {
    Status removed = remove_cgroups(around_fd, claim.name);
    if (removed || now_us() >= end) return removed;
    // What the machine is short of for a moment (descriptors, memory) leaves no cgroup behind.
    if (removed.error().code() != EBUSY && ++tries > kMostTries) return removed;
    // Since Linux 5.14. With a pid namespace of its own nothing is left to be ended, and only the kernel's
    // own tidying up is waited for.
    (void)write_cgroup_file(claim.lock.get(), {}, "cgroup.kill", "1");
    const timespec moment{.tv_sec = 0, .tv_nsec = 2'000'000};
    ::nanosleep(&moment, nullptr);
  }
}

Status Cgroup::move_kelp_aside() {
  Result<Claim> aside = claim_directory(around_.get(), kAsidePrefix, "a cgroup for kelp itself");
  if (!aside) return aside.error();
  aside_ = std::move(*aside);
  // 0: who writes.
  return write_cgroup_file(aside_.lock.get(), aside_.name, "cgroup.procs", "0");
}

// Only without enabled controllers may a cgroup hold processes.
Status Cgroup::move_kelp_back() {
  disable_controllers(around_.get(), switched_);
  if (!aside_.lock.valid()) return {};
  Status moved = write_cgroup_file(around_.get(), {}, "cgroup.procs", "0");
  if (moved) moved = remove_cgroups(around_.get(), aside_.name);
  aside_.lock.reset();
  return moved;
}

Status Cgroup::make(const plan::ContainerCgroup& wanted) {
  const std::string parent = wanted.scope ? host::own_cgroup(host::Machine{}) : wanted.parent;
  Result<sys::UniqueFd> around = open_cgroup(parent);
  if (!around) return around.error();
  around_ = std::move(*around);
  if (wanted.moves_kelp) {
    if (Status s = move_kelp_aside(); !s) return s;
  }
  Result<std::vector<std::string>> switched = enable_controllers(around_.get(), parent, wanted.controllers);
  if (!switched) return switched.error();
  // Others may use by now what was enabled in a cgroup that is not ours alone.
  if (wanted.moves_kelp) switched_ = std::move(*switched);
  Result<Claim> claim = claim_directory(around_.get(), kPrefix, kWhat);
  if (!claim) return std::move(claim.error()).after(cat("in ", parent));
  claim_ = std::move(*claim);
  path_ = cat(parent, "/", claim_.name);
  const int own_fd = claim_.lock.get();
  if (Status s = apply_settings(own_fd, path_, wanted.settings); !s) return s;
  // What is made inside must be removable afterwards; the container does not see this file.
  if (Status s = write_cgroup_file(own_fd, path_, "cgroup.max.depth", kMostDepth); !s) return s;
  return make_inside(kInside, wanted.controllers, wanted.settings);
}

Status Cgroup::make_inside(const char* name, const std::vector<std::string>& controllers,
                           const std::vector<plan::CgroupSetting>& settings) {
  const int own_fd = claim_.lock.get();
  const std::string path = cat(path_, "/", name);
  if (const auto shown = enable_controllers(own_fd, path_, controllers); !shown) return shown.error();
  if (::mkdirat(own_fd, name, 0755) != 0 && errno != EEXIST) return sys::failure(cat("make ", path));
  Result<sys::UniqueFd> inside = sys::open_at(own_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!inside) return inside.error();
  inside_ = std::move(*inside);
  std::vector<plan::CgroupSetting> visible;
  std::ranges::copy_if(settings, std::back_inserter(visible),
                       [](const plan::CgroupSetting& setting) { return setting.shows_inside; });
  return apply_settings(inside_.get(), path, visible);
}

Result<Cgroup> make_cgroup(const plan::ContainerCgroup& wanted) {
  Cgroup cgroup;
  Status made = cgroup.make(wanted);
  if (!made) return std::move(made.error()).after(kPurpose);
  return cgroup;
}

Status Cgroup::prove_holds(pid_t pid) const {
  const Result<std::string> text = read_cgroup_file(inside_.get(), path_, "cgroup.procs");
  if (!text) return text.error();
  const std::vector<std::string_view> lines = split(*text, '\n');
  if (std::ranges::find(lines, std::string_view(std::to_string(pid))) != lines.end()) return {};
  return Error("limit the container", cat("its process is not in the level inside of ", path_));
}

CgroupUsage Cgroup::usage() const {
  CgroupUsage usage{.path = path_};
  const auto text_of = [&](const char* file) {
    const Result<std::string> text = read_cgroup_file(claim_.lock.get(), path_, file);
    return text ? *text : std::string();
  };
  usage.peak_bytes = number_in(text_of("memory.peak"));  // since Linux 5.19
  const std::string cpu = text_of("cpu.stat");
  usage.cpu_us = field_in(cpu, "usage_usec");
  usage.user_us = field_in(cpu, "user_usec");
  usage.system_us = field_in(cpu, "system_usec");
  usage.oom_kills = field_in(text_of("memory.events"), "oom_kill");
  return usage;
}

std::vector<std::string> Cgroup::stricter_above(const std::vector<plan::CgroupSetting>& settings) const {
  static constexpr std::array<std::string_view, 4> kCaps = {"memory.max", "memory.swap.max", "pids.max",
                                                            "cpu.max"};
  std::vector<std::string> warnings;
  for (const plan::CgroupSetting& setting : settings) {
    const auto ours = amount_in(setting.file, setting.value);
    if (!ours || std::ranges::find(kCaps, setting.file) == kCaps.end()) continue;
    for (std::string path = path_.substr(0, path_.rfind('/')); !path.empty(); path.resize(path.rfind('/'))) {
      const Result<std::string> text = sys::read_proc(cat(path, "/", setting.file));
      const auto above = text ? amount_in(setting.file, *text) : std::nullopt;
      if (!above || *above >= *ours) continue;
      warnings.push_back(cat(setting.origin.text, ": the cgroup ", path, " above leaves less (", setting.file,
                             " ", std::string_view(*text).substr(0, text->find('\n')), ")"));
      break;
    }
  }
  return warnings;
}

Status Cgroup::remove() {
  inside_.reset();
  Status removed;
  if (claim_.lock.valid()) removed = empty_and_remove(around_.get(), claim_);
  claim_.lock.reset();
  if (around_.valid()) {
    if (const Status back = move_kelp_back(); !back && removed) removed = back;
  }
  around_.reset();
  return removed;
}

void Cgroup::leave() {
  inside_.reset();
  claim_.lock.reset();
  around_.reset();
}

void Cgroup::leave_to_parent() {
  inside_.reset();
  claim_.lock.reset();
  aside_.lock.reset();
  around_.reset();
}

Result<std::vector<std::string>> remove_dead_cgroups(const plan::ContainerCgroup& wanted) {
  std::vector<std::string> problems;
  if (wanted.parent.empty()) return problems;  // systemd removes a scope with all that is in it
  Result<sys::UniqueFd> around = open_cgroup(wanted.parent);
  if (!around) return std::move(around.error()).after(kPurpose);
  for (const std::string_view prefix : {kPrefix, kAsidePrefix}) {
    Result<std::vector<std::string>> names = names_with(around->get(), prefix);
    if (!names) return std::move(names.error()).after(kPurpose);
    for (const std::string& name : *names) {
      const sys::UniqueFd lock = take_dead(around->get(), name);
      if (!lock.valid()) continue;
      const Status removed = remove_cgroups(around->get(), name);
      if (removed) continue;
      // Processes are not ended: it may be somebody's use of the name.
      const bool holds_processes = removed.error().code() == EBUSY;
      problems.push_back(cat("the cgroup ", wanted.parent, "/", name,
                             ", which no kelp holds any more, stays: ",
                             holds_processes ? "processes are in it" : removed.error().sentence()));
    }
  }
  return problems;
}

}  // namespace kelp::launch
