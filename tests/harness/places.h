// SPDX-License-Identifier: Apache-2.0
// Directories for tests: temporary ones, and a small root file system to start containers on.
#pragma once

#include <string>
#include <string_view>

namespace kelp::harness {

/// A directory of the test's own below $TMPDIR, removed at the end with all that is in it, files of
/// subordinate ids included (with `kelp unshare`).
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }

  /// Each makes missing parents too, and gives the whole path of what it made.
  std::string dir(std::string_view name) const;
  std::string file(std::string_view name, std::string_view text = "", unsigned mode = 0644) const;
  std::string link(std::string_view name, std::string_view target) const;

 private:
  std::string path_;
};

/// The text of a file; throws where it cannot be read.
std::string read_file(const std::string& path);

/// A root file system: busybox (static) under /bin with a name for each of its commands, /etc/passwd and
/// /etc/group with root and user 1000 "alga", an empty /tmp and /root. Made once a process and shared by its
/// tests: a test that writes to it takes make_small_root.
const std::string& small_root();

/// The same in a new directory `name` of the test's own; gives its path.
std::string make_small_root(const TempDir& where, std::string_view name = "root");

/// True if busybox, which the small root is made of, is installed and static.
bool has_small_root();

}  // namespace kelp::harness
