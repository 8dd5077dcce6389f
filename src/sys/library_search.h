// SPDX-License-Identifier: Apache-2.0
// Which shared libraries a program would be given by its dynamic loader, found as ld.so(8) finds them but
// without running anything: DT_RPATH and DT_RUNPATH with $ORIGIN, $LIB and $PLATFORM, the library cache, the
// default directories; for musl its path file. LD_LIBRARY_PATH and LD_PRELOAD are left out on purpose: a
// container does not inherit them.
// Runs in: parent.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/elf.h"
#include "sys/ld_cache.h"

namespace kelp::sys {

struct Library {
  std::string name;  // as DT_NEEDED says it
  std::string path;  // as found: absolute, links not resolved
  // Found in the cache or a default directory, or by a library that was: a root without this cache may need
  // a link to it in a default directory. False: found by the program's own RPATH or RUNPATH.
  bool is_in_system_place = false;
  bool is_glibc_itself = false;  // libc.so.6: its directory is a default one for certain
};

struct MissingLibrary {
  std::string name;
  std::string needed_by;  // path of the program or library
  std::string why;        // where it was looked for
};

struct Libraries {
  std::vector<Library> found;  // in the loader's order, each once
  std::vector<MissingLibrary> missing;
};

class LibrarySearch {
 public:
  // With the cache of this machine; none (musl, or a fresh root) is fine, a damaged one is not.
  static Result<LibrarySearch> of_this_machine();
  explicit LibrarySearch(LdCache cache) : cache_(std::move(cache)) {}

  // Of a program or library. path: absolute; real_path: with all links resolved, what $ORIGIN of a program
  // is.
  Libraries libraries_of(const std::string& real_path, const Elf& elf) const;

  // A library that something would open by name while it runs (dlopen); nothing is found: empty.
  std::string find_by_name(const std::string& name, const Elf& of) const;

 private:
  LdCache cache_;
};

// What the file at path says of itself, if a process of this ABI can load it: a program, a library or an
// interpreter.
std::optional<Elf> read_loadable(const std::string& path, const ElfAbi& abi);

}  // namespace kelp::sys
