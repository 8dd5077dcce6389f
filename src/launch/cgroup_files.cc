// SPDX-License-Identifier: Apache-2.0
// The files of a cgroup v2; see cgroup_files.h.
// Runs in: parent.
#include "launch/cgroup_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/unique_fd.h"

namespace kelp::launch {
namespace {

constexpr std::size_t kMostText = std::size_t{1} << 16U;
constexpr std::uint64_t kMostPage = std::uint64_t{1} << 16U;
constexpr unsigned kMostDepth = 64;  // of cgroups that a container has made in its own

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

// A file of several lines has one for each device, and a line all that it can hold: "8:0 rbps=1 wbps=max …"
// where "8:0 rbps=1" was written.
bool holds_all_of(std::string_view line, std::string_view value) {
  const std::vector<std::string_view> words = split(line, ' ');
  return std::ranges::all_of(split(value, ' '), [&](std::string_view word) {
    return std::ranges::find(words, word) != words.end();
  });
}

// "0,1,4" and "0-1,4" are the same; nothing where it is no list, or an absurd one.
std::optional<std::set<std::uint64_t>> numbers_in(std::string_view list) {
  constexpr std::uint64_t kMostNumber = 1U << 16U;
  std::set<std::uint64_t> numbers;
  for (const std::string_view range : split(list, ',')) {
    const std::size_t dash = range.find('-');
    const auto first = read_decimal(range.substr(0, dash), kMostNumber);
    const auto last =
        dash == std::string_view::npos ? first : read_decimal(range.substr(dash + 1), kMostNumber);
    if (!first || !last) return std::nullopt;
    for (std::uint64_t number = *first; number <= *last; ++number) numbers.insert(number);
  }
  return numbers;
}

// The kernel counts memory in pages, and rounds down.
bool is_in_force(const plan::CgroupSetting& setting, std::string_view text) {
  const std::string_view shown = first_line(text);
  if (shown == setting.value) return true;
  if (setting.file.starts_with("cpuset.")) {
    const auto wanted = numbers_in(setting.value);
    return wanted && wanted == numbers_in(shown);
  }
  if (std::ranges::any_of(split(text, '\n'), [&](std::string_view line) {
        return !line.empty() && !setting.value.empty() && holds_all_of(line, setting.value);
      }))
    return true;
  if (!setting.file.starts_with("memory.")) return false;
  const auto wanted = number_in(setting.value);
  const auto got = number_in(shown);
  return wanted && got && *got <= *wanted && *wanted - *got < kMostPage;
}

std::string using_of(const plan::CgroupSetting& setting) {
  return cat("use ", setting.origin.text.empty() ? setting.file : setting.origin.text);
}

Status apply(int cgroup_fd, const std::string& path, const plan::CgroupSetting& setting) {
  const Status written = write_cgroup_file(cgroup_fd, path, setting.file, setting.value);
  if (!written && written.error().code() == ENOENT) {
    if (!setting.else_file.empty())
      return apply(cgroup_fd, path,
                   {.file = setting.else_file,
                    .value = setting.else_value,
                    .optional = setting.optional,
                    .origin = setting.origin});
    if (setting.optional) return {};
    return Error(using_of(setting), cat("this kernel has no ", setting.file, " in ", path));
  }
  if (!written) return Error(using_of(setting), written.error().sentence()).with_code(written.error().code());
  Result<std::string> text = read_cgroup_file(cgroup_fd, path, setting.file);
  if (!text) return text.error();
  if (is_in_force(setting, *text)) return {};
  return Error(using_of(setting), cat("it is not in force: '", setting.value, "' was written to ", path, "/",
                                      setting.file, ", which shows '", first_line(*text), "'"));
}

Status remove_below(int around_fd, const std::string& name, unsigned depth) {
  const std::string action = cat("remove the cgroup ", name);
  if (::unlinkat(around_fd, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
  if (errno != EBUSY && errno != ENOTEMPTY) return sys::failure(action);
  Result<sys::UniqueFd> fd = sys::open_at(around_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!fd) return fd.error();
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(fd->get()), &::closedir);
  if (directory == nullptr) return sys::failure(cat("look into the cgroup ", name));
  const int inner_fd = fd->release();
  while (const dirent* const entry = ::readdir(directory.get())) {
    const std::string_view inner = entry->d_name;
    if (entry->d_type != DT_DIR || inner == "." || inner == "..") continue;
    if (depth == 0) return Error("remove the cgroups in it", cat("they lie more than ", kMostDepth, " deep"));
    if (Status s = remove_below(inner_fd, entry->d_name, depth - 1); !s) return s;
  }
  if (::unlinkat(around_fd, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
  return sys::failure(action);
}

}  // namespace

Result<sys::UniqueFd> open_cgroup(const std::string& path) {
  Result<sys::UniqueFd> fd = sys::open_file(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!fd) return fd;
  struct statfs info{};
  if (::fstatfs(fd->get(), &info) != 0) return sys::failure(cat("look at ", path));
  if (info.f_type == CGROUP2_SUPER_MAGIC) return fd;
  return Error(cat("use the cgroup ", path),
               "what lies there now is no cgroup v2: something is mounted over it");
}

Status apply_settings(int cgroup_fd, const std::string& path,
                      const std::vector<plan::CgroupSetting>& settings) {
  for (const plan::CgroupSetting& setting : settings) {
    if (Status s = apply(cgroup_fd, path, setting); !s) return s;
  }
  return {};
}

Result<std::vector<std::string>> enable_controllers(int cgroup_fd, const std::string& path,
                                                    const std::vector<std::string>& controllers) {
  std::vector<std::string> switched;
  if (controllers.empty()) return switched;
  Result<std::string> enabled = read_cgroup_file(cgroup_fd, path, "cgroup.subtree_control");
  if (!enabled) return enabled.error();
  const std::vector<std::string_view> there = split(first_line(*enabled), ' ');
  for (const std::string& one : controllers) {
    if (std::find(there.begin(), there.end(), one) != there.end()) continue;
    const Status s = write_cgroup_file(cgroup_fd, path, "cgroup.subtree_control", cat("+", one));
    if (!s) {
      const std::string action = cat("enable the cgroup controller ", one, " in ", path);
      if (s.error().code() == EBUSY) return Error(action, "it holds processes (cgroups(7))").with_code(EBUSY);
      if (s.error().code() == ENOENT) return Error(action, "it does not have it").with_code(ENOENT);
      return Error(action, s.error().reason()).with_code(s.error().code());
    }
    switched.push_back(one);
  }
  return switched;
}

void disable_controllers(int cgroup_fd, const std::vector<std::string>& controllers) {
  for (const std::string& one : controllers) {
    (void)write_cgroup_file(cgroup_fd, {}, "cgroup.subtree_control", cat("-", one));
  }
}

Status write_cgroup_file(int cgroup_fd, const std::string& path, const std::string& file,
                         std::string_view text) {
  Result<sys::UniqueFd> fd = sys::open_at(cgroup_fd, file, O_WRONLY);
  if (!fd) return sys::failure(cat("open ", path, "/", file), fd.error().code());
  return sys::write_all(fd->get(), text, cat(path, "/", file));
}

Result<std::string> read_cgroup_file(int cgroup_fd, const std::string& path, const std::string& file) {
  Result<sys::UniqueFd> fd = sys::open_at(cgroup_fd, file, O_RDONLY);
  if (!fd) return sys::failure(cat("open ", path, "/", file), fd.error().code());
  return sys::read_all(fd->get(), kMostText, cat(path, "/", file));
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  return read_decimal(first_line(text), UINT64_MAX);
}

std::optional<std::uint64_t> field_in(std::string_view text, std::string_view word) {
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with(word) && line.substr(word.size()).starts_with(' ')) {
      return number_in(line.substr(word.size() + 1));
    }
  }
  return std::nullopt;
}

Status remove_cgroups(int around_fd, const std::string& name) {
  return remove_below(around_fd, name, kMostDepth);
}

}  // namespace kelp::launch
