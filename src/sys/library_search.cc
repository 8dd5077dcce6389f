// SPDX-License-Identifier: Apache-2.0
// The search of glibc's _dl_map_object and of musl's load_library; see library_search.h. Breadth first from
// the program, as the loader goes, since a library once loaded serves all who need its name.
// Runs in: parent.
#include "sys/library_search.h"

#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/text.h"
#include "sys/files.h"
#include "sys/library_places.h"

namespace kelp::sys {
namespace {

constexpr const char* kCachePath = "/etc/ld.so.cache";
constexpr std::size_t kMaxCache = 64U << 20U;  // bytes
constexpr std::size_t kMaxObjects = 10'000;    // of one program

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

// The file as a library of this ABI, or nothing: the loader, too, goes on past files of other machines.
struct Loaded {
  Elf elf;
  std::string path;
  std::string origin;
  std::size_t loader = 0;  // index of who needed it first; the program: itself
  bool is_in_system_place = false;
};

struct Found {
  std::string path;
  Elf elf;
  bool is_in_system_place = false;
};

// One program's load, from its DT_NEEDED to the last library.
class Load {
 public:
  Load(const LdCache& cache, const std::string& path, const Elf& elf)
      : cache_(cache), libc_(libc_of(elf)), defaults_(default_directories(elf)) {
    objects_.push_back({.elf = elf, .path = path, .origin = directory_of(path)});
    // The loader is a library like others to those who need it by name.
    names_.insert(elf.interpreter.substr(elf.interpreter.rfind('/') + 1));
  }

  Libraries run() {
    for (std::size_t i = 0; i < objects_.size() && i < kMaxObjects; ++i) {
      const std::vector<std::string> needed = objects_[i].elf.needed;  // objects_ grows below
      for (const std::string& name : needed) load(name, i);
    }
    return std::move(out_);
  }

  std::optional<Found> find(const std::string& name, std::size_t needed_by) const {
    const Loaded& loader = objects_[needed_by];
    if (name.find('/') != std::string::npos) {
      for (const std::string& path : expand_element(name, loader.origin, loader.elf.abi)) {
        if (auto elf = read_loadable(path, loader.elf.abi)) return Found{path, std::move(*elf), false};
      }
      return std::nullopt;
    }
    for (const std::string& directory : own_directories(needed_by)) {
      if (auto found = in_directory(directory, name, loader.elf.abi)) {
        found->is_in_system_place = loader.is_in_system_place;
        return found;
      }
    }
    if (libc_ == Libc::kGlibc && !loader.elf.skips_default_places) {
      const auto entry = cache_.find(name);
      if (entry != cache_.end()) {
        for (const std::string& path : entry->second) {
          if (auto elf = read_loadable(path, loader.elf.abi)) return Found{path, std::move(*elf), true};
        }
      }
    }
    if (loader.elf.skips_default_places) return std::nullopt;
    for (const std::string& directory : defaults_) {
      if (auto found = in_directory(directory, name, loader.elf.abi)) {
        found->is_in_system_place = true;
        return found;
      }
    }
    return std::nullopt;
  }

 private:
  static std::optional<Found> in_directory(const std::string& directory, const std::string& name,
                                           const ElfAbi& abi) {
    std::string path = directory.ends_with('/') ? cat(directory, name) : cat(directory, "/", name);
    auto elf = read_loadable(path, abi);
    if (!elf) return std::nullopt;
    return Found{std::move(path), std::move(*elf), false};
  }

  // RPATH is inherited by what a library needs, RUNPATH is not, and who has a RUNPATH has no RPATH (glibc).
  // To musl both are one and inherited.
  std::vector<std::string> own_directories(std::size_t needed_by) const {
    std::vector<std::string> out;
    std::set<std::string> seen;  // a hostile file names one directory thousands of times
    const auto add = [&](const std::optional<std::string>& list, const Loaded& owner) {
      if (!list) return;
      for (const std::string_view element : split(*list, ':')) {
        for (std::string& one : expand_element(element, owner.origin, owner.elf.abi)) {
          if (seen.insert(one).second) out.push_back(std::move(one));
        }
      }
    };
    const Loaded& first = objects_[needed_by];
    const bool inherits = libc_ == Libc::kMusl || !first.elf.runpath;
    for (std::size_t i = needed_by; inherits; i = objects_[i].loader) {
      const Loaded& object = objects_[i];
      if (libc_ == Libc::kMusl) add(object.elf.runpath, object);
      if (!object.elf.runpath) add(object.elf.rpath, object);
      if (i == 0) break;
    }
    if (libc_ == Libc::kGlibc) add(first.elf.runpath, first);
    return out;
  }

  void load(const std::string& name, std::size_t needed_by) {
    if (!names_.insert(name).second) return;
    if (libc_ == Libc::kMusl && is_within_musl(name)) return;
    std::optional<Found> found = find(name, needed_by);
    if (!found) {
      out_.missing.push_back({.name = name, .needed_by = objects_[needed_by].path, .why = places(needed_by)});
      return;
    }
    names_.insert(found->elf.soname);
    out_.found.push_back({.name = name,
                          .path = found->path,
                          .is_in_system_place = found->is_in_system_place,
                          .is_glibc_itself = name == "libc.so.6"});
    objects_.push_back({.elf = std::move(found->elf),
                        .path = found->path,
                        .origin = directory_of(found->path),
                        .loader = needed_by,
                        .is_in_system_place = found->is_in_system_place});
  }

  std::string places(std::size_t needed_by) const {
    std::vector<std::string> all = own_directories(needed_by);
    if (!objects_[needed_by].elf.skips_default_places) {
      if (libc_ == Libc::kGlibc) all.emplace_back(kCachePath);
      all.insert(all.end(), defaults_.begin(), defaults_.end());
    }
    return cat("not in ", join(all, ", "));
  }

  const LdCache& cache_;
  Libc libc_;
  std::vector<std::string> defaults_;
  std::vector<Loaded> objects_;  // the program is 0
  std::set<std::string> names_;
  Libraries out_;
};

}  // namespace

std::optional<Elf> read_loadable(const std::string& path, const ElfAbi& abi) {
  Result<UniqueFd> fd = open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd) return std::nullopt;
  struct stat info{};
  if (::fstat(fd->get(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  Result<Elf> elf = read_elf(fd->get(), path);
  if (!elf || !elf->is_loadable || elf->abi != abi) return std::nullopt;
  return std::move(*elf);
}

Result<LibrarySearch> LibrarySearch::of_this_machine() {
  Result<std::string> bytes = read_file(kCachePath, kMaxCache);
  if (!bytes) {
    if (bytes.error().code() == ENOENT) return LibrarySearch(LdCache());
    return bytes.error();
  }
  Result<LdCache> cache = read_ld_cache(*bytes);
  if (!cache) return std::move(cache.error()).after(kCachePath);
  return LibrarySearch(std::move(*cache));
}

Libraries LibrarySearch::libraries_of(const std::string& real_path, const Elf& elf) const {
  return Load(cache_, real_path, elf).run();
}

std::string LibrarySearch::find_by_name(const std::string& name, const Elf& of) const {
  Elf anybody;
  anybody.abi = of.abi;
  anybody.interpreter = of.interpreter;
  const std::optional<Found> found = Load(cache_, "/", anybody).find(name, 0);
  return found ? found->path : std::string();
}

}  // namespace kelp::sys
