// SPDX-License-Identifier: Apache-2.0
// What a start could leave behind on this machine, as text that can be compared. Here and in tests/kills.
#pragma once

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
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

/// Files below the directory, and the mounts of this process.
inline std::string snapshot(const std::string& directory) {
  std::vector<std::string> lines;
  list_files(directory, lines);
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text + harness::read_file("/proc/self/mountinfo");
}

/// Gives this process, and what it starts, directories of its own below `place` for all that a program writes
/// by itself, for as long as it lives: tests side by side share the runner's.
class OwnDirectories {
 public:
  explicit OwnDirectories(const harness::TempDir& place) {
    for (const char* name : {"TMPDIR", "HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME"}) {
      const char* before = std::getenv(name);
      before_.emplace_back(name, before ? std::optional<std::string>(before) : std::nullopt);
      setenv(name, place.dir(std::string("own/") + name).c_str(), 1);
    }
  }
  ~OwnDirectories() {
    for (const auto& [name, value] : before_)
      if (value)
        setenv(name, value->c_str(), 1);
      else
        unsetenv(name);
  }
  OwnDirectories(const OwnDirectories&) = delete;
  OwnDirectories& operator=(const OwnDirectories&) = delete;

 private:
  std::vector<std::pair<const char*, std::optional<std::string>>> before_;
};

/// The lines in which two texts differ, "- " those of the first, "+ " those of the second.
inline std::string difference(const std::string& first, const std::string& second) {
  const auto lines_of = [](const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  };
  const std::vector<std::string> left = lines_of(first);
  const std::vector<std::string> right = lines_of(second);
  const auto only_in = [](const auto& some, const auto& others, const char* mark) {
    std::string text;
    for (const std::string& line : some)
      if (std::find(others.begin(), others.end(), line) == others.end()) text += mark + line + "\n";
    return text;
  };
  return only_in(left, right, "- ") + only_in(right, left, "+ ");
}

}  // namespace kelp::faults
