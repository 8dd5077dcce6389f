// SPDX-License-Identifier: Apache-2.0
// Programs and what they need; see rootfs_gather.h. Extra files are in rootfs_extra.cc.
#include "verbs/rootfs_gather.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <filesystem>

#include "base/text.h"
#include "sys/elf.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "sys/library_places.h"

namespace kelp::verbs {
namespace {

constexpr std::size_t kFirstLine = 256;  // bytes, the kernel's BINPRM_BUF_SIZE
constexpr int kMaxInterpreters = 5;      // a script's interpreter may be a script (exec_binprm)

// What glibc opens by name while it runs, so that no file says that it needs it: unwinding for
// pthread_cancel and pthread_exit, and before 2.34 the reader of /etc/passwd and the resolver.
constexpr std::array kOpenedByGlibc = {"libgcc_s.so.1", "libnss_files.so.2", "libnss_dns.so.2"};

// "/usr/lib/x" and "/lib/x" are both default directories of the loader, whichever of them is real.
std::string_view without_usr(std::string_view directory) {
  return directory.starts_with("/usr/") ? directory.substr(4) : directory;
}

std::string base_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// The program that `env` is told to start by the rest of a first line; empty: none.
std::string program_of_env(std::string_view arguments) {
  for (const std::string_view word : split(arguments, ' ')) {
    const std::string_view name = trimmed(word);
    const bool is_option = name.starts_with('-') || name.find('=') != std::string_view::npos;
    if (!name.empty() && !is_option) return std::string(name);
  }
  return {};
}

}  // namespace

Result<std::string> Gatherer::find_program(const std::string& typed) const {
  const std::string action = cat("find the program ", typed.empty() ? "''" : typed);
  if (typed.find('/') != std::string::npos) return std::filesystem::absolute(typed).string();
  bool is_blocked = false;
  for (const std::string_view directory : split(search_path_, ':')) {
    if (!directory.starts_with('/') || typed.empty()) continue;  // relative: means nothing in the root
    std::string path = joined(directory, typed);
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
    if (::access(path.c_str(), X_OK) == 0) return path;
    is_blocked = true;
  }
  if (is_blocked) return Error(action, "the file of that name in PATH is not executable").with_code(EACCES);
  return Error(action, "it is in no directory of PATH").with_code(ENOENT);
}

Status Gatherer::add_program(const std::string& typed) {
  Result<std::string> path = find_program(typed);
  if (!path) return path.error();
  Result<HostPlace> place = add_host_path(tree_, *path);
  if (!place) return Error(cat("copy ", typed), place.error().reason()).with_code(place.error().code());
  if (S_ISDIR(place->mode)) {
    return Error(cat("copy ", typed), "it is a directory, not a program")
        .with_hint(cat("whole directories are copied by --with ", shell_quoted(typed)));
  }
  if ((place->mode & 0111U) == 0) return Error(cat("copy ", typed), "it is not executable");
  return add_code(place->path, typed, 0);
}

Status Gatherer::add_code(const std::string& path, const std::string& wanted_by, int depth) {
  const std::string action = cat("copy ", wanted_by);
  if (depth > kMaxInterpreters) return Error(action, "its interpreters are scripts without end");
  Result<sys::UniqueFd> fd = sys::open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd) return sys::failure(cat("read ", path), fd.error().code());
  Result<bool> is_elf = sys::begins_as_elf(fd->get(), path);
  if (!is_elf) return is_elf.error();
  if (*is_elf) {
    Result<sys::Elf> elf = sys::read_elf(fd->get(), path);
    if (!elf) return elf.error();
    return add_elf(path, *elf, wanted_by);
  }
  std::array<char, kFirstLine> buffer{};
  const ssize_t count = ::pread(fd->get(), buffer.data(), buffer.size(), 0);
  if (count < 0) return sys::failure(cat("read ", path));
  const std::string_view start(buffer.data(), static_cast<std::size_t>(count));
  if (!start.starts_with("#!")) {
    return Error(action, "it is neither an ELF program nor a script that begins with #!");
  }
  return add_script(path, start.substr(2, start.find_first_of(std::string_view("\n\0", 2)) - 2), depth);
}

Status Gatherer::add_script(const std::string& path, std::string_view first_line, int depth) {
  const std::string purpose = cat(path, " is a script for it");
  const std::string_view line = trimmed(first_line);
  const std::string interpreter(line.substr(0, line.find_first_of(" \t")));
  if (!interpreter.starts_with('/')) {
    return Error(cat("copy ", path), cat("the interpreter in its first line is not an absolute path: ",
                                         interpreter.empty() ? "''" : interpreter));
  }
  Result<HostPlace> place = add_host_path(tree_, interpreter);
  if (!place) return std::move(place.error()).after(purpose);
  if (S_ISDIR(place->mode)) return sys::failure(cat("copy ", interpreter), EISDIR).after(purpose);
  if (Status done = add_code(place->path, interpreter, depth + 1); !done) {
    return std::move(done.error()).after(purpose);
  }
  if (base_name(interpreter) != "env") return {};
  const std::string name = program_of_env(line.substr(interpreter.size()));
  if (name.empty()) return {};
  if (depth >= kMaxInterpreters) return sys::failure(cat("copy ", path), ELOOP);
  Result<std::string> program = find_program(name);
  if (!program) return std::move(program.error()).after(purpose);
  Result<HostPlace> there = add_host_path(tree_, *program);
  if (!there) return std::move(there.error()).after(purpose);
  Status done = add_code(there->path, name, depth + 1);
  return done ? Status() : std::move(done.error()).after(purpose);
}

Status Gatherer::add_elf(const std::string& path, const sys::Elf& elf, const std::string& wanted_by) {
  if (!elf.is_loadable) {
    return Error(cat("copy ", wanted_by), "it is an ELF file, but neither a program nor a library");
  }
  if (!elf.interpreter.empty()) {
    if (!elf.interpreter.starts_with('/')) {
      return Error(cat("copy ", wanted_by),
                   cat("its interpreter is not an absolute path: ", elf.interpreter));
    }
    // A hostile file names any file of ours: only what the kernel could start is copied.
    if (!sys::read_loadable(elf.interpreter, elf.abi)) {
      return Error(cat("copy ", elf.interpreter), "it is not there, or no program for this one")
          .after(cat("the interpreter of ", path));
    }
    Result<HostPlace> place = add_host_path(tree_, elf.interpreter);
    if (!place) return std::move(place.error()).after(cat("the interpreter of ", path));
  }
  return add_libraries(path, elf, true);
}

Status Gatherer::add_libraries(const std::string& path, const sys::Elf& elf, bool is_needed_at_once) {
  sys::Libraries libraries = libraries_.libraries_of(path, elf);
  std::string libc_directory;
  for (const sys::Library& library : libraries.found) {
    if (!library.is_glibc_itself) continue;
    Result<HostPlace> libc = add_host_path(tree_, library.path);
    if (!libc) return std::move(libc.error()).after(cat("needed by ", path));
    libc_directory = parent_of(libc->path);
    has_glibc_ = true;
  }
  if (!libc_directory.empty() && !elf.interpreter.empty()) {
    for (const char* name : kOpenedByGlibc) {
      std::string found = libraries_.find_by_name(name, elf);
      if (found.empty()) continue;
      libraries.found.push_back({.name = name, .path = std::move(found), .is_in_system_place = true});
    }
  }
  for (const sys::Library& library : libraries.found) {
    if (Status done = add_library(library, libc_directory); !done) {
      return std::move(done.error()).after(cat("needed by ", path));
    }
  }
  if (sys::libc_of(elf) == sys::Libc::kMusl) {
    // No error if there is none: musl then searches its default directories.
    if (Result<HostPlace> file = add_host_path(tree_, sys::musl_path_file(elf)); !file) {
      if (file.error().code() != ENOENT) return file.error();
    }
  }
  if (libraries.missing.empty()) return {};
  std::vector<Error> problems;
  for (const sys::MissingLibrary& missing : libraries.missing) {
    if (is_needed_at_once) {
      problems.push_back(Error(cat("find the library ", missing.name), missing.why)
                             .after(cat("needed by ", missing.needed_by)));
    } else {
      warnings_.push_back(
          cat(missing.needed_by, " needs the library ", missing.name, ", which is not found"));
    }
  }
  if (problems.empty()) return {};
  return Error::all_of(std::move(problems));
}

// A library that only the host's cache knows is given a link where the loader looks without one: the root
// has no cache, and a cache made here would be wrong as soon as somebody adds a library.
Status Gatherer::add_library(const sys::Library& library, const std::string& libc_directory) {
  Result<HostPlace> place = add_host_path(tree_, library.path);
  if (!place) return place.error();
  if (!library.is_in_system_place || libc_directory.empty()) return {};
  Result<HostPlace> directory = add_host_path(tree_, parent_of(library.path));
  if (!directory) return directory.error();
  if (without_usr(directory->path) == without_usr(libc_directory)) return {};
  tree_.try_emplace(joined(libc_directory, library.name), TreeLink{library.path});
  return {};
}

}  // namespace kelp::verbs
