// SPDX-License-Identifier: Apache-2.0
// From the names of programs to the tree that they need: interpreters, libraries, what scripts name in their
// first line, extra files, and what every root has. Reads the host, writes nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/library_search.h"
#include "verbs/rootfs_tree.h"

namespace kelp::verbs {

class Gatherer {
 public:
  // search_path: where names without a slash are looked for, as $PATH.
  Gatherer(sys::LibrarySearch libraries, std::string search_path)
      : libraries_(std::move(libraries)), search_path_(std::move(search_path)) {}

  // A program with all that it needs to start. typed: a name, or a path.
  Status add_program(const std::string& typed);

  // A file or a whole directory. What its ELF files lack is a warning: a plugin may be for somebody else.
  // `never`: a directory (absolute, without links) that must not lie within, the root itself.
  Status add_extra(const std::string& typed, const std::string& never);

  // Adds what every root has, after all else: directories to mount on, users and groups, the locale that
  // `kelp run` sets, and links like /bin -> usr/bin.
  Status add_standard();

  const Tree& tree() const { return tree_; }
  // Whole sentences, known only after everything was added.
  std::vector<std::string> warnings() const;

 private:
  Result<std::string> find_program(const std::string& typed) const;
  Status add_code(const std::string& path, const std::string& wanted_by, int depth);
  Status add_script(const std::string& path, std::string_view first_line, int depth);
  Status add_elf(const std::string& path, const sys::Elf& elf, const std::string& wanted_by);
  Status add_libraries(const std::string& path, const sys::Elf& elf, bool is_needed_at_once);
  Status add_library(const sys::Library& library, const std::string& libc_directory);
  Status add_plain_file(const std::string& path);
  Status add_directory(const std::string& path, const std::string& never);
  Status add_directory_entry(const std::string& path, std::vector<std::string>& todo);

  sys::LibrarySearch libraries_;
  std::string search_path_;
  Tree tree_;
  std::vector<std::string> warnings_;
  struct Led {
    std::string link, directory;
  };
  std::vector<Led> led_to_directories_;  // links met in whole directories
  std::vector<std::string> whole_directories_;
  bool has_glibc_ = false;
};

}  // namespace kelp::verbs
