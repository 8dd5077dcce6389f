// SPDX-License-Identifier: Apache-2.0
// The supervisor's look with the caller's eyes; see caller.h.
// Runs in: child (the supervisor).
#include "owners/caller.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <climits>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/text.h"

namespace kelp::owners {
namespace {

std::string in_proc(const Caller& caller, std::string_view what) { return cat(caller.thread, "/", what); }

// Of what a mount holds; STATX_MNT_ID is missing before 5.8, where two mounts of one directory look alike.
struct Root {
  std::uint64_t device_major = 0, device_minor = 0, inode = 0, mount = 0;
  bool operator==(const Root&) const = default;
};

std::optional<Root> look_at_root(const std::string& path) {
  struct statx info{};
  if (::statx(AT_FDCWD, path.c_str(), 0, STATX_INO | STATX_MNT_ID, &info) != 0) return std::nullopt;
  return Root{.device_major = info.stx_dev_major,
              .device_minor = info.stx_dev_minor,
              .inode = info.stx_ino,
              .mount = info.stx_mnt_id};
}

bool is_away = false;

// Gives errno. Most callers have the root that we have; where that is changes with any pivot_root(2) inside.
int stand_in_root_of(const Caller& caller) {
  const std::string path = in_proc(caller, "root");
  const std::optional<Root> wanted = look_at_root(path);
  if (!wanted) return errno;
  if (look_at_root("/") == wanted) return 0;
  if (::chroot(path.c_str()) != 0) return errno;
  is_away = true;
  return 0;
}

// A path of the caller's; nothing where it cannot be read, with errno. A page that is not there ends what can
// be read.
std::optional<std::string> read_path(const Caller& caller, std::uint64_t address) {
  std::array<char, PATH_MAX> text;
  const ssize_t count = ::pread(caller.memory.get(), text.data(), text.size(), static_cast<off_t>(address));
  const auto size = static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  const std::size_t end = ::strnlen(text.data(), size);
  if (end == size) {
    errno = size == text.size() ? ENAMETOOLONG : EFAULT;
    return std::nullopt;
  }
  return std::string(text.data(), end);
}

Found failed(int error) { return {.fd = {}, .error = error}; }

// What a call on the descriptor alone is about, or where a relative path begins.
Found open_start(const Caller& caller, int directory_fd) {
  const std::string what = directory_fd == AT_FDCWD ? "cwd" : cat("fd/", directory_fd);
  if (directory_fd != AT_FDCWD && directory_fd < 0) return failed(EBADF);
  sys::UniqueFd fd(::open(in_proc(caller, what).c_str(), O_PATH | O_CLOEXEC));
  if (fd.valid()) return {.fd = std::move(fd)};
  const bool is_hidden = errno == EACCES || errno == EPERM;
  return {.fd = {}, .error = errno == ENOENT ? EBADF : errno, .is_hidden = is_hidden};
}

// Links of proc may lead elsewhere for us than for the caller: they are not followed (ELOOP).
Found open_path(int start_fd, const std::string& path, std::uint64_t flags) {
  const open_how how{.flags = O_PATH | O_CLOEXEC | flags, .mode = 0, .resolve = RESOLVE_NO_MAGICLINKS};
  sys::UniqueFd fd(static_cast<int>(::syscall(SYS_openat2, start_fd, path.c_str(), &how, sizeof how)));
  if (!fd.valid()) return failed(errno);
  return {.fd = std::move(fd)};
}

// The descriptor that a link of the caller's own proc leads through. C libraries change the mode of what may
// be a link so, where the kernel has no call for it (fchmodat(3)).
std::optional<int> descriptor_named(std::string_view path) {
  constexpr std::array<std::string_view, 3> kDirectories = {"/proc/self/fd/", "/proc/thread-self/fd/",
                                                            "/dev/fd/"};
  constexpr std::array<std::string_view, 3> kStreams = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};
  for (std::size_t i = 0; i < kStreams.size(); ++i) {
    if (path == kStreams[i]) return static_cast<int>(i);
  }
  for (const std::string_view directory : kDirectories) {
    if (!path.starts_with(directory)) continue;
    const auto number = read_decimal(path.substr(directory.size()), INT_MAX);
    if (number) return static_cast<int>(*number);
  }
  return std::nullopt;
}

struct Start {
  Found at;
  std::string path;  // empty: it is the file itself
};

Start find_start(const Caller& caller, const Call& call) {
  if (call.is_descriptor) return {.at = open_start(caller, call.directory_fd), .path = {}};
  if (const int error = stand_in_root_of(caller); error != 0)
    return {.at = {.fd = {}, .error = error, .is_hidden = error == EACCES || error == EPERM}, .path = {}};
  std::string path;
  if (call.path != 0 || !call.empty_is_itself) {
    if (!caller.memory.valid())
      return {.at = {.fd = {}, .error = caller.memory_error, .is_hidden = true}, .path = {}};
    std::optional<std::string> read = read_path(caller, call.path);
    if (!read) return {.at = failed(errno), .path = {}};
    path = std::move(*read);
  }
  if (path.empty() && !call.empty_is_itself) return {.at = failed(ENOENT), .path = {}};
  if (const auto descriptor = call.follows ? descriptor_named(path) : std::nullopt)
    return {.at = open_start(caller, *descriptor), .path = {}};
  if (path.starts_with('/')) return {.at = {}, .path = std::move(path)};
  return {.at = open_start(caller, call.directory_fd), .path = std::move(path)};
}

}  // namespace

Found find(const Caller& caller, const Call& call) {
  Start start = find_start(caller, call);
  if (start.at.error != 0) return std::move(start.at);
  if (!still_waits(caller)) return failed(ESRCH);
  if (start.path.empty()) return std::move(start.at);
  return open_path(start.at.fd.get(), start.path, call.follows ? 0 : O_NOFOLLOW);
}

Place find_place(const Caller& caller, const Call& call) {
  Start start = find_start(caller, call);
  if (start.at.error != 0) return {.directory = std::move(start.at), .name = {}};
  if (!still_waits(caller)) return {.directory = failed(ESRCH), .name = {}};
  const std::size_t slash = start.path.rfind('/');
  std::string name = slash == std::string::npos ? start.path : start.path.substr(slash + 1);
  const std::string parent = slash == std::string::npos ? "." : start.path.substr(0, slash + 1);
  if (name == "." || name == "..") name.clear();
  return {.directory = open_path(start.at.fd.get(), parent, O_DIRECTORY), .name = std::move(name)};
}

Caller caller_of(int listener_fd, std::uint64_t id, pid_t thread) {
  Caller caller{.listener_fd = listener_fd, .id = id, .thread = thread};
  caller.memory.reset(::open(in_proc(caller, "mem").c_str(), O_RDWR | O_CLOEXEC));
  if (!caller.memory.valid()) caller.memory_error = errno;
  return caller;
}

bool still_waits(const Caller& caller) {
  return ::ioctl(caller.listener_fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &caller.id) == 0;
}

int put(const Caller& caller, std::uint64_t address, const void* bytes, std::size_t size) {
  const ssize_t count = ::pwrite(caller.memory.get(), bytes, size, static_cast<off_t>(address));
  return count == static_cast<ssize_t>(size) ? 0 : EFAULT;
}

void leave_its_root() {
  if (is_away && ::chroot("1/root") == 0) is_away = false;
}

mode_t umask_of(const Caller& caller) {
  const sys::UniqueFd file(::open(in_proc(caller, "status").c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 256> text{};
  const ssize_t count = ::read(file.get(), text.data(), text.size());
  const std::string_view status(text.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  constexpr std::string_view kName = "Umask:\t";
  const std::size_t at = status.find(kName);
  if (at == std::string_view::npos) return 022;
  const std::string_view value = status.substr(at + kName.size());
  return static_cast<mode_t>(read_octal(value.substr(0, value.find('\n')), 0777).value_or(022));
}

std::string own_path(int fd) { return cat("self/fd/", fd); }

}  // namespace kelp::owners
