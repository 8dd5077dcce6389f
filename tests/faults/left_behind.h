// SPDX-License-Identifier: Apache-2.0
// What a start could leave behind on this machine, as text that can be compared. Here and in tests/kills.
#pragma once

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/harness.h"

namespace kelp::faults {

/// Every file below, one a line: path, mode, owner, and the size of files. Links are not followed; times are
/// left out, since a start may look at everything.
inline void list_files(const std::filesystem::path& directory, std::vector<std::string>& lines) {
  std::error_code failed;
  for (const std::filesystem::directory_entry& entry :
       std::filesystem::directory_iterator(directory, failed)) {
    struct stat info{};
    if (lstat(entry.path().c_str(), &info) != 0) continue;
    lines.push_back(entry.path().string() + " " + std::to_string(info.st_mode) + " " +
                    std::to_string(info.st_uid) + " " +
                    (S_ISREG(info.st_mode) ? std::to_string(info.st_size) : "-"));
    if (S_ISDIR(info.st_mode)) list_files(entry.path(), lines);
  }
}

/// The directory, those that $TMPDIR, $HOME and $XDG_RUNTIME_DIR name, and the mounts of this process.
inline std::string snapshot(const std::string& directory) {
  std::vector<std::string> lines;
  list_files(directory, lines);
  for (const char* name : {"TMPDIR", "HOME", "XDG_RUNTIME_DIR"})
    if (const char* value = std::getenv(name)) list_files(value, lines);
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text + harness::read_file("/proc/self/mountinfo");
}

}  // namespace kelp::faults
