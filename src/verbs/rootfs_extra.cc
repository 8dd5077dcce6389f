// SPDX-License-Identifier: Apache-2.0
// Extra files and whole directories of Gatherer (rootfs_gather.h), and what every root has.
#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>

#include "base/text.h"
#include "sys/elf.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "verbs/rootfs_gather.h"

namespace kelp::verbs {
namespace {

bool is_within(std::string_view path, std::string_view directory) {
  return path == directory || path.starts_with(joined(directory, ""));
}

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

Result<std::vector<std::string>> names_in(const std::string& path) {
  const std::string action = cat("read the directory ", path);
  Result<sys::UniqueFd> fd = sys::open_file(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!fd) return sys::failure(action, fd.error().code());
  const std::unique_ptr<DIR, CloseDirectory> directory(::fdopendir(fd->get()));
  if (directory == nullptr) return sys::failure(action);
  (void)fd->release();  // closedir closes it
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return sys::failure(action);
  std::sort(names.begin(), names.end());  // so that warnings come in the same order every time
  return names;
}

// Enough for programs that ask who they are, and for the mounts of `kelp run`: nothing is made at a start.
struct StandardDirectory {
  const char* path;
  mode_t mode;
};
constexpr std::array kDirectories = {
    StandardDirectory{"/dev", 0755}, StandardDirectory{"/etc", 0755},  StandardDirectory{"/home", 0755},
    StandardDirectory{"/mnt", 0755}, StandardDirectory{"/proc", 0555}, StandardDirectory{"/root", 0700},
    StandardDirectory{"/run", 0755}, StandardDirectory{"/sys", 0555},  StandardDirectory{"/tmp", 01777},
    StandardDirectory{"/usr", 0755}, StandardDirectory{"/var", 0755},  StandardDirectory{"/var/tmp", 01777},
};
struct StandardText {
  const char* path;
  const char* text;
};
constexpr std::array kTexts = {
    StandardText{"/etc/passwd",
                 "root:x:0:0:root:/root:/bin/sh\n"
                 "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"},
    // 5 is the group that devpts is mounted with.
    StandardText{"/etc/group", "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n"},
    StandardText{"/etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n"},
    StandardText{"/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"},
    StandardText{"/etc/resolv.conf", ""},
};
// `kelp run` sets LANG=C.UTF-8, and glibc has it as files (since 2.35, in Debian long before).
constexpr const char* kLocale = "/usr/lib/locale/C.utf8";
// Of a host whose /usr is merged: `#!/bin/sh` must find /usr/bin/sh.
constexpr std::array kTopLinks = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};

}  // namespace

Status Gatherer::add_extra(const std::string& typed, const std::string& never) {
  Result<HostPlace> place = add_host_path(tree_, std::filesystem::absolute(typed).string());
  if (!place) return Error(cat("copy ", typed), place.error().reason()).with_code(place.error().code());
  if (!S_ISDIR(place->mode)) return add_plain_file(place->path);
  if (place->path == "/")
    return Error(cat("copy ", typed), "it is the whole machine; name what is wanted of it");
  return add_directory(place->path, never);
}

// Libraries that it needs come along.
Status Gatherer::add_plain_file(const std::string& path) {
  const std::string action = cat("copy ", path);
  Result<sys::UniqueFd> fd = sys::open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd) return sys::failure(action, fd.error().code());
  Result<bool> is_elf = sys::begins_as_elf(fd->get(), path);
  if (!is_elf) return is_elf.error();
  if (!*is_elf) return {};
  Result<sys::Elf> elf = sys::read_elf(fd->get(), path);
  if (!elf || !elf->is_loadable) return {};  // data that looks like ELF is still data
  if (!elf->interpreter.empty()) {
    const bool is_there =
        sys::read_loadable(elf->interpreter, elf->abi) && add_host_path(tree_, elf->interpreter).has_value();
    if (!is_there)
      warnings_.push_back(cat(path, " needs the interpreter ", elf->interpreter, ", which is not found"));
  }
  return add_libraries(path, *elf, false);
}

Status Gatherer::add_directory(const std::string& path, const std::string& never) {
  if (is_within(never, path))
    return Error(cat("copy ", path), cat("the new root, ", never, ", lies within it"));
  whole_directories_.push_back(path);
  std::vector<std::string> todo = {path};
  while (!todo.empty()) {
    const std::string directory = std::move(todo.back());
    todo.pop_back();
    Result<std::vector<std::string>> names = names_in(directory);
    if (!names) return names.error();
    for (const std::string& name : *names) {
      if (Status done = add_directory_entry(joined(directory, name), todo); !done) return done;
    }
  }
  return {};
}

Status Gatherer::add_directory_entry(const std::string& path, std::vector<std::string>& todo) {
  struct stat info{};
  if (::fstatat(AT_FDCWD, path.c_str(), &info, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0) {
    return sys::failure(cat("copy ", path));
  }
  if (S_ISLNK(info.st_mode)) {
    // What a link leads to comes along if it is a file. One that leads nowhere is kept as it is.
    Result<HostPlace> place = add_host_path(tree_, path);
    if (!place) return {};
    if (S_ISREG(place->mode)) return add_plain_file(place->path);
    led_to_directories_.push_back({.link = path, .directory = place->path});
    return {};
  }
  if (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode)) {
    warnings_.push_back(cat(path, " is not copied: it is neither a file nor a directory"));
    return {};
  }
  Result<HostPlace> place = add_host_path(tree_, path);
  if (!place) return place.error();
  if (S_ISREG(place->mode)) return add_plain_file(place->path);
  todo.push_back(path);
  return {};
}

Status Gatherer::add_standard() {
  if (has_glibc_) {
    // Where the host has none, LANG=C.UTF-8 means nothing to it either.
    Result<HostPlace> locale = add_host_path(tree_, kLocale);
    if (locale && S_ISDIR(locale->mode)) {
      if (Status added = add_directory(locale->path, ""); !added) return added;
    }
  }
  for (const char* link : kTopLinks) {
    Tree probe;
    const Result<HostPlace> place = add_host_path(probe, link);
    if (!place || !tree_.contains(place->path)) continue;
    for (auto& [path, entry] : probe) tree_.try_emplace(path, std::move(entry));
  }
  for (const StandardDirectory& directory : kDirectories) {
    tree_.try_emplace(directory.path, TreeDirectory{directory.mode});
  }
  for (const StandardText& text : kTexts) tree_.try_emplace(text.path, TreeText{text.text});
  return {};
}

std::vector<std::string> Gatherer::warnings() const {
  std::vector<std::string> all = warnings_;
  for (const Led& led : led_to_directories_) {
    const bool is_copied =
        std::any_of(whole_directories_.begin(), whole_directories_.end(),
                    [&](const std::string& whole) { return is_within(led.directory, whole); });
    if (!is_copied) {
      all.push_back(cat(led.link, " leads to the directory ", led.directory,
                        ", which is copied only with --with ", shell_quoted(led.directory)));
    }
  }
  return all;
}

}  // namespace kelp::verbs
