// SPDX-License-Identifier: Apache-2.0
// Settings that a namespace of the container's own has. They are written by the machine's proc, before the
// pivot, so that nothing that the container's root or another mount puts at a path has a part in it
// (CVE-2025-52881).
// Runs in: child.
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/files.h"

namespace kelp::child {
namespace {

constexpr std::size_t kMostOfValue = 65536;

// "net.ipv4.conf.eth0/1.forwarding" → "net/ipv4/conf/eth0.1/forwarding" (sysctl(8)). Where a slash comes
// first it is a path already.
std::string path_of(const std::string& name) {
  std::string path = name;
  const std::size_t first = name.find_first_of("./");
  if (first == std::string::npos || name[first] == '/') return path;
  for (char& c : path) {
    if (c == '.') {
      c = '/';
    } else if (c == '/') {
      c = '.';
    }
  }
  return path;
}

Result<sys::UniqueFd> open_settings() {
  Result<sys::UniqueFd> fd = sys::open_file("/proc/sys", O_PATH | O_DIRECTORY);
  if (!fd) return fd.error();
  struct statfs info{};
  if (::fstatfs(fd->get(), &info) != 0) return sys::failure("look at /proc/sys");
  if (info.f_type != PROC_SUPER_MAGIC) return Error("set a sysctl", "/proc/sys is not the kernel's");
  return fd;
}

// No link, no other mount, no way out.
Result<sys::UniqueFd> open_setting(int settings_fd, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags) | O_CLOEXEC | O_NOFOLLOW;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const long fd = ::syscall(SYS_openat2, settings_fd, path.c_str(), &how, sizeof how);
  if (fd < 0) return sys::failure("open it");
  return sys::UniqueFd(static_cast<int>(fd));
}

// Blanks are the kernel's own.
std::string in_words(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_blank = c == ' ' || c == '\t' || c == '\n';
    if (!is_blank) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

Status set(int settings_fd, const Sysctl& wanted) {
  const std::string action = cat("set the sysctl ", wanted.name, " to ", wanted.value);
  const std::string path = path_of(wanted.name);
  const Result<sys::UniqueFd> file = open_setting(settings_fd, path, O_WRONLY);
  if (!file) return sys::failure(action, file.error().code());
  // By one write, as these files want.
  const ssize_t written = ::write(file->get(), wanted.value.data(), wanted.value.size());
  if (written < 0) return sys::failure(action);
  const Result<sys::UniqueFd> again = open_setting(settings_fd, path, O_RDONLY);
  if (!again) return again.error().code() == EACCES ? Status() : sys::failure(action, again.error().code());
  const Result<std::string> now = sys::read_all(again->get(), kMostOfValue, path);
  if (!now) return sys::failure(action, now.error().code());
  if (in_words(*now) == in_words(wanted.value)) return {};
  return Error(action, cat("the kernel has made it ", in_words(*now)));
}

}  // namespace

Status perform(const plan::SetSysctls& step, Context& /*context*/) {
  const Result<sys::UniqueFd> settings = open_settings();
  if (!settings) return settings.error();
  for (const Sysctl& wanted : step.values) {
    if (Status s = set(settings->get(), wanted); !s) return s;
  }
  return {};
}

}  // namespace kelp::child
