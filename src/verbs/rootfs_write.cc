// SPDX-License-Identifier: Apache-2.0
// First a look at every path, then the writing; see rootfs_write.h. Every path below the root goes through
// sys::resolve and its kin, and the result is used as a descriptor.
#include "verbs/rootfs_write.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <set>
#include <variant>

#include "base/text.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/resolve.h"
#include "verbs/rootfs_copy.h"

namespace kelp::verbs {
namespace {

constexpr std::size_t kMaxProblems = 10;  // the rest is counted

enum class State { kAbsent, kPresent };

std::string base_name(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

Result<sys::UniqueFd> open_source(const std::string& path) {
  Result<sys::UniqueFd> fd = sys::open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (!fd) return sys::failure(cat("copy ", path), fd.error().code());
  struct stat info{};
  if (::fstat(fd->get(), &info) != 0) return sys::failure(cat("copy ", path));
  if (!S_ISREG(info.st_mode)) return Error(cat("copy ", path), "it is not a regular file any more");
  return fd;
}

// The mode given to mkdir(2) is to be the mode of the directory, from its first moment on.
class NoUmask {
 public:
  NoUmask() : saved_(::umask(0)) {}
  NoUmask(const NoUmask&) = delete;
  NoUmask& operator=(const NoUmask&) = delete;
  ~NoUmask() { ::umask(saved_); }

 private:
  mode_t saved_;
};

class Writer {
 public:
  Writer(const std::string& directory, const std::function<void(const RootChange&)>& tell)
      : directory_(directory), tell_(tell) {}

  Status write(const Tree& tree) {
    if (Status opened = open(); !opened) return opened;
    if (root_.valid()) {
      if (Status looked = look(tree); !looked) return looked;
    } else if (Status made = make(); !made) {
      return made;
    }
    const NoUmask guard;
    for (const auto& [path, entry] : tree) {
      RootChange change;
      change.path = path;
      if (present_.contains(path)) {
        if (!std::holds_alternative<TreeDirectory>(entry)) tell_(change);
        continue;
      }
      Status done = std::visit([&](const auto& what) { return put(what, change); }, entry);
      if (!done) {
        return Error(cat("copy ", path, " to ", directory_), done.error().reason())
            .with_code(done.error().code());
      }
      // A directory on the way to a file is told by the file.
      const auto below = tree.lower_bound(path + "/");
      const bool holds_more = below != tree.end() && below->first.starts_with(path + "/");
      if (change.what != RootChange::What::kUnchanged && !holds_more) tell_(change);
    }
    return {};
  }

 private:
  Error cannot_make(std::string reason) const {
    return Error(cat("make a root in ", directory_), std::move(reason));
  }

  // Leaves root_ empty where the directory does not exist.
  Status open() {
    Result<sys::UniqueFd> fd = sys::open_file(directory_, O_RDONLY | O_DIRECTORY);
    if (!fd && fd.error().code() == ENOENT) {
      struct stat link{};
      if (::lstat(directory_.c_str(), &link) == 0) return cannot_make("it is a link that leads nowhere");
      return {};
    }
    if (!fd && fd.error().code() == ENOTDIR) return cannot_make("it is not a directory");
    if (!fd) return cannot_make(fd.error().reason()).with_code(fd.error().code());
    struct stat here{}, slash{};
    if (::fstat(fd->get(), &here) != 0 || ::stat("/", &slash) != 0) return cannot_make(sys::reason_of(errno));
    if (here.st_dev == slash.st_dev && here.st_ino == slash.st_ino) {
      return cannot_make("it is the machine's own root directory");
    }
    root_ = std::move(*fd);
    return lock();
  }

  Status make() {
    if (::mkdir(directory_.c_str(), 0755) != 0) {
      const int code = errno;
      return cannot_make(code == ENOENT ? "the directory above it does not exist" : sys::reason_of(code))
          .with_code(code);
    }
    Result<sys::UniqueFd> fd = sys::open_file(directory_, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!fd) return cannot_make(fd.error().reason());
    root_ = std::move(*fd);
    return lock();
  }

  // Two runs at once would trip over each other's half of the work.
  Status lock() const {
    if (::flock(root_.get(), LOCK_EX | LOCK_NB) == 0) return {};
    if (errno == EWOULDBLOCK) return cannot_make("another kelp rootfs is at work in it");
    return cannot_make(sys::reason_of(errno));
  }

  // --- before anything is written: what is there, and is it what is wanted? ---

  Status look(const Tree& tree) {
    std::vector<Error> problems;
    for (const auto& [path, entry] : tree) {
      Result<State> state = std::visit([&](const auto& what) { return look_at(path, what); }, entry);
      if (!state) {
        problems.push_back(std::move(state.error()));
      } else if (*state == State::kPresent) {
        present_.insert(path);
      }
    }
    if (problems.empty()) return {};
    const std::size_t more = problems.size() > kMaxProblems ? problems.size() - kMaxProblems : 0;
    if (more > 0) {
      problems.erase(problems.end() - static_cast<std::ptrdiff_t>(more), problems.end());
      problems.emplace_back(cat("copy ", more, " more"), "they are in the way too");
    }
    Error last = std::move(problems.back());
    problems.back() =
        std::move(last).with_hint(cat("files that differ are never replaced; make the root anew in an empty "
                                      "directory, or remove them from ",
                                      shell_quoted(directory_)));
    return Error::all_of(std::move(problems));
  }

  Error in_the_way(std::string_view path, std::string_view what) const {
    return Error(cat("copy ", path, " to ", directory_), cat(what, " is in its place")).with_code(EEXIST);
  }

  // The object itself, links not followed; no descriptor: there is none.
  Result<sys::UniqueFd> find(std::string_view path) const {
    Result<sys::UniqueFd> fd = sys::resolve(root_.get(), path, sys::LastLink::kKeep);
    if (!fd && fd.error().code() == ENOENT) return sys::UniqueFd();
    if (!fd) return Error(cat("copy ", path, " to ", directory_), fd.error().reason());
    return fd;
  }

  Result<State> look_at(const std::string& path, const TreeDirectory& /*what*/) const {
    Result<sys::UniqueFd> fd = sys::resolve(root_.get(), path);
    if (fd) {
      struct stat info{};
      if (::fstatat(fd->get(), "", &info, AT_EMPTY_PATH) != 0) return sys::failure(cat("look at ", path));
      if (!S_ISDIR(info.st_mode)) return in_the_way(path, "something that is no directory");
      return State::kPresent;
    }
    if (fd.error().code() != ENOENT)
      return Error(cat("copy ", path, " to ", directory_), fd.error().reason());
    Result<sys::UniqueFd> link = find(path);
    if (!link) return link.error();
    if (link->valid()) return in_the_way(path, "a link that leads nowhere inside the root");
    return State::kAbsent;
  }

  Result<State> look_at(const std::string& path, const TreeLink& what) const {
    Result<sys::UniqueFd> fd = find(path);
    if (!fd) return fd.error();
    if (!fd->valid()) return State::kAbsent;
    const Result<std::string> target = sys::read_link(fd->get(), "");
    if (!target) return in_the_way(path, "something that is no link");
    if (*target != what.target) return in_the_way(path, cat("a link to ", *target));
    return State::kPresent;
  }

  Result<State> look_at(const std::string& path, const TreeFile& what) const {
    Result<sys::UniqueFd> fd = find(path);
    if (!fd) return fd.error();
    if (!fd->valid()) return State::kAbsent;
    Result<sys::UniqueFd> source = open_source(what.source);
    if (!source) return source.error();
    Result<sys::UniqueFd> parent = sys::resolve(root_.get(), parent_of(path));
    if (!parent) return parent.error();
    Result<bool> is_same = has_same_contents(source->get(), parent->get(), base_name(path));
    if (!is_same) return Error(cat("compare ", path, " in ", directory_), is_same.error().reason());
    if (!*is_same) return in_the_way(path, "a different file");
    return State::kPresent;
  }

  // Whatever is there is the user's.
  Result<State> look_at(const std::string& path, const TreeText& /*what*/) const {
    Result<sys::UniqueFd> fd = find(path);
    if (!fd) return fd.error();
    return fd->valid() ? State::kPresent : State::kAbsent;
  }

  // --- the writing ---

  Status put(const TreeDirectory& what, RootChange& change) const {
    Result<sys::Place> place =
        sys::resolve_or_make(root_.get(), change.path, {.what = sys::Make::kDirectory, .mode = what.mode});
    if (!place) return place.error();
    if (place->made) change.what = RootChange::What::kMade;
    return {};
  }

  Status put(const TreeLink& what, RootChange& change) const {
    change.what = RootChange::What::kLinked;
    change.target = what.target;
    return sys::make_symlink(root_.get(), change.path, what.target);
  }

  Status put(const TreeFile& what, RootChange& change) const {
    Result<sys::UniqueFd> source = open_source(what.source);
    if (!source) return source.error();
    Result<sys::UniqueFd> parent = sys::resolve(root_.get(), parent_of(change.path));
    if (!parent) return parent.error();
    Result<Copied> copied = copy_file(source->get(), parent->get(), base_name(change.path));
    if (!copied) return copied.error();
    change.what = RootChange::What::kCopied;
    change.bytes = copied->bytes;
    change.dropped = std::move(copied->dropped);
    return {};
  }

  Status put(const TreeText& what, RootChange& change) const {
    Result<sys::UniqueFd> parent = sys::resolve(root_.get(), parent_of(change.path));
    if (!parent) return parent.error();
    change.what = RootChange::What::kMade;
    return make_text(what.text, parent->get(), base_name(change.path));
  }

  const std::string& directory_;
  const std::function<void(const RootChange&)>& tell_;
  sys::UniqueFd root_;
  std::set<std::string> present_;
};

}  // namespace

Status write_tree(const Tree& tree, const std::string& directory,
                  const std::function<void(const RootChange&)>& tell) {
  return Writer(directory, tell).write(tree);
}

}  // namespace kelp::verbs
