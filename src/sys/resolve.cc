// SPDX-License-Identifier: Apache-2.0
// Resolution inside a root; see resolve.h. openat2(2) does it in the kernel; walk() is for kernels before
// 5.6 and for outer containers whose seccomp filter does not know openat2.
// Runs in: both.
#include "sys/resolve.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <ranges>
#include <utility>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/mounts.h"

namespace kelp::sys {
namespace {

constexpr int kMaxLinks = 40;    // as the kernel's MAXSYMLINKS
constexpr int kMaxRetries = 64;  // EAGAIN: a rename crossed our `..`

std::string without_trailing_slashes(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return std::string(path.empty() ? "." : path);
}

std::string_view without_leading_slashes(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  return path;
}

// One component at a time. `stack` holds the directories from the root down to where we are, so that `..`
// is a pop and never asks the kernel for a parent that may have been moved.
class Walker {
 public:
  Walker(int root_fd, LastLink last, Outward outward)
      : root_fd_(root_fd), last_(last), may_leave_(outward == Outward::kStaysInside) {}

  Result<UniqueFd> walk(std::string_view path) {
    push_components(path);
    while (!todo_.empty()) {
      std::string name = std::move(todo_.back());
      todo_.pop_back();
      if (name.empty() || name == ".") continue;
      if (name == "..") {
        if (stack_.empty() && !may_leave_) return failure("leave the mount", EXDEV);
        if (!stack_.empty()) stack_.pop_back();
        continue;
      }
      if (Status step = enter(name); !step) return step.error();
    }
    if (stack_.empty()) return open_at(root_fd_, ".", O_PATH | O_DIRECTORY);
    return std::move(stack_.back());
  }

 private:
  void push_components(std::string_view path) {
    const std::vector<std::string_view> parts = split(path, '/');
    for (const std::string_view part : std::views::reverse(parts)) todo_.emplace_back(part);
  }

  int here() const { return stack_.empty() ? root_fd_ : stack_.back().get(); }

  Status enter(const std::string& name) {
    Result<UniqueFd> fd = open_at(here(), name, O_PATH | O_NOFOLLOW);
    if (!fd) return fd.error();
    struct stat info{};
    if (::fstatat(fd->get(), "", &info, AT_EMPTY_PATH) != 0) return failure(cat("look at ", name));
    const bool is_last = todo_.empty();
    if (!S_ISLNK(info.st_mode) || (is_last && last_ == LastLink::kKeep)) {
      if (!is_last && !S_ISDIR(info.st_mode)) return failure(cat("enter ", name), ENOTDIR);
      stack_.push_back(std::move(*fd));
      return {};
    }
    if (++links_ > kMaxLinks) return failure(cat("follow ", name), ELOOP);
    Result<std::string> target = read_link(fd->get(), "");
    if (!target) return target.error();
    if (target->starts_with('/') && !may_leave_) return failure(cat("follow ", name), EXDEV);
    if (target->starts_with('/')) stack_.clear();
    push_components(*target);
    return {};
  }

  int root_fd_;
  LastLink last_;
  bool may_leave_;
  int links_ = 0;
  std::vector<UniqueFd> stack_;
  std::vector<std::string> todo_;  // components still to go, the next one last
};

// -1 with errno, as openat2(2).
int open_in_root(int root_fd, const std::string& path, LastLink last, Outward outward) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC | (last == LastLink::kKeep ? O_NOFOLLOW : 0);
  how.resolve =
      RESOLVE_NO_MAGICLINKS | (outward == Outward::kStaysInside ? RESOLVE_IN_ROOT : RESOLVE_BENEATH);
  for (int tries = 0;; ++tries) {
    const long fd = ::syscall(SYS_openat2, root_fd, path.c_str(), &how, sizeof how);
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR) || tries == kMaxRetries) return static_cast<int>(fd);
  }
}

Result<bool> is_directory(int fd, std::string_view path) {
  struct stat info{};
  if (::fstatat(fd, "", &info, AT_EMPTY_PATH) != 0) return failure(cat("look at ", path));
  return S_ISDIR(info.st_mode);
}

// Makes one component below parent_fd. O_NOFOLLOW and O_EXCL: what another process put there meanwhile
// is used only if it is a plain object of the wanted kind.
Result<UniqueFd> make_component(int parent_fd, const std::string& name, Make what, mode_t mode) {
  if (what == Make::kDirectory) {
    if (::mkdirat(parent_fd, name.c_str(), mode) != 0 && errno != EEXIST) {
      return failure(cat("make the directory ", name));
    }
    return open_at(parent_fd, name, O_PATH | O_NOFOLLOW | O_DIRECTORY);
  }
  const Result<UniqueFd> file = open_at(parent_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  if (!file && file.error().code() != EEXIST)
    return failure(cat("make the file ", name), file.error().code());
  Result<UniqueFd> fd = open_at(parent_fd, name, O_PATH | O_NOFOLLOW);
  if (!fd) return fd.error();
  const Result<bool> is_dir = is_directory(fd->get(), name);
  if (!is_dir) return is_dir.error();
  if (*is_dir) return failure(cat("make the file ", name), EISDIR);
  return fd;
}

// {"/a", "b"} of "/a/b"; {"/", "a"} of "a".
std::pair<std::string, std::string> split_last(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {"/", path};
  return {slash == 0 ? "/" : without_trailing_slashes(path.substr(0, slash)), path.substr(slash + 1)};
}

Status check_may_make(int parent_fd, std::string_view path, const MakeOptions& options) {
  if (options.before_making) {
    if (Status s = options.before_making(); !s) return s;
  }
  if (options.allowed_mounts == nullptr) return {};
  const Result<MountIdentity> parent = identify(parent_fd);
  if (!parent) return parent.error();
  const auto& allowed = *options.allowed_mounts;
  if (std::find(allowed.begin(), allowed.end(), parent->mount_id) != allowed.end()) return {};
  struct statvfs info{};
  if (::fstatvfs(parent_fd, &info) == 0 && (info.f_flag & ST_RDONLY) != 0) {
    return Error(cat("make ", path), "it lies in a directory shared from the host, read-only")
        .with_code(EROFS)
        .with_hint("choose a destination that exists, or make it on the host first");
  }
  return Error(cat("make ", path),
               "it lies in a directory shared from the host, where kelp makes nothing by itself")
      .with_code(EXDEV);
}

// Finds a path or makes what is missing of it, the parent first.
class Maker {
 public:
  Maker(int root_fd, std::string_view path, const MakeOptions& options)
      : root_fd_(root_fd), path_(shown(path, options)), options_(options) {}

  Result<Place> find_or_make(const std::string& wanted, Make what, mode_t mode) {
    Result<UniqueFd> found = resolve(root_fd_, wanted, LastLink::kFollow, options_.walk, options_.outward);
    if (found) return of_the_right_kind(std::move(*found), what);
    if (found.error().code() == ENOTDIR)
      return std::move(found.error()).with_part(FailedPart::kParents, std::string(path_));
    if (found.error().code() != ENOENT) {
      return Error(cat("open ", shown(wanted)), found.error().reason()).with_code(found.error().code());
    }
    const auto [parent_path, name] = split_last(wanted);
    if (name == ".") return find_or_make(parent_path, what, mode);
    if (name.empty() || name == "..") return failure(cat("make ", path_), ENOENT);

    Result<Place> parent = find_or_make(parent_path, Make::kDirectory, options_.parents);
    if (!parent) return std::move(parent.error()).with_part(FailedPart::kParents, std::string(path_));
    if (!parent->made) {
      const Result<std::string> target = read_link(parent->fd.get(), name);
      if (target)
        return follow(wanted, target->starts_with('/') ? *target : cat(parent_path, "/", *target), what,
                      mode);
      // EINVAL: no link, so it came meanwhile.
      if (target.error().code() != ENOENT && target.error().code() != EINVAL) return target.error();
      if (Status s = check_may_make(parent->fd.get(), path_, options_); !s) return s.error();
    }
    Result<UniqueFd> made = make_component(parent->fd.get(), name, what, mode);
    if (!made) return failure(cat("make ", shown(wanted)), made.error().code());
    return Place{.fd = std::move(*made), .made = true};
  }

 private:
  Result<Place> of_the_right_kind(UniqueFd fd, Make what) const {
    const Result<bool> is_dir = is_directory(fd.get(), path_);
    if (!is_dir) return is_dir.error();
    if (*is_dir == (what == Make::kDirectory)) return Place{.fd = std::move(fd), .made = false};
    return Error(cat("use ", path_), *is_dir ? "it is a directory, and what is to be there is none"
                                             : "it is no directory, and what is to be there is one")
        .with_code(*is_dir ? EISDIR : ENOTDIR);
  }

  // A link that points nowhere.
  Result<Place> follow(const std::string& link, const std::string& target, Make what, mode_t mode) {
    if (options_.dangling == Dangling::kRefuse) {
      return Error(cat("use ", path_),
                   cat(shown(link), " is a symbolic link that points nowhere inside the root"))
          .with_code(ENOENT);
    }
    if (++links_ > kMaxLinks) return failure(cat("use ", path_), ELOOP);
    return find_or_make(without_trailing_slashes(target), what, mode);
  }

  static std::string shown(std::string_view path, const MakeOptions& options) {
    return options.start.empty() ? std::string(path) : cat(options.start, "/", path);
  }
  std::string shown(std::string_view path) const { return shown(path, options_); }

  int root_fd_;
  std::string path_;  // as it was asked for
  const MakeOptions& options_;
  int links_ = 0;
};

}  // namespace

Result<UniqueFd> resolve(int root_fd, std::string_view path, LastLink last, Walk walk, Outward outward) {
  const bool may_leave = outward == Outward::kStaysInside;
  // To openat2(2) a path that begins with a slash is a way out.
  const std::string name = without_trailing_slashes(may_leave ? path : without_leading_slashes(path));
  const auto refused = [&](int code) {
    if (code != EXDEV || may_leave) return failure(cat("open ", path), code);
    return Error(cat("open ", path), "a link on the way leads out of the mount that it lies in")
        .with_code(ELOOP);
  };
  if (walk == Walk::kKernel) {
    UniqueFd fd(open_in_root(root_fd, name, last, outward));
    if (fd.valid()) return fd;
    // EPERM is what old seccomp filters answer to system calls that they do not know.
    if (errno != ENOSYS && errno != EPERM) return refused(errno);
  }
  Result<UniqueFd> fd = Walker(root_fd, last, outward).walk(name);
  if (!fd) return refused(fd.error().code());
  return fd;
}

Result<Place> resolve_or_make(int root_fd, std::string_view path, const MakeOptions& options) {
  return Maker(root_fd, path, options)
      .find_or_make(without_trailing_slashes(path), options.what, options.mode);
}

Status make_symlink(int root_fd, std::string_view path, const std::string& target,
                    const MakeOptions& options) {
  const auto [parent, name] = split_last(without_trailing_slashes(path));
  MakeOptions of_parents = options;
  of_parents.what = Make::kDirectory;
  of_parents.mode = options.parents;
  Result<Place> directory = resolve_or_make(root_fd, parent, of_parents);
  if (!directory) return std::move(directory.error()).with_part(FailedPart::kParents, std::string(path));
  const Result<std::string> existing = read_link(directory->fd.get(), name);
  if (existing && *existing == target) return {};
  if (!existing && existing.error().code() == ENOENT) {
    if (Status s = check_may_make(directory->fd.get(), path, options); !s) return s;
  }
  if (::symlinkat(target.c_str(), directory->fd.get(), name.c_str()) == 0) return {};
  if (errno == EEXIST) {
    return Error(cat("make the symbolic link ", path), existing ? cat("existing destination is ", *existing)
                                                                : "destination exists and is not a symlink")
        .with_code(EEXIST);
  }
  return failure(cat("make the symbolic link ", path));
}

}  // namespace kelp::sys
