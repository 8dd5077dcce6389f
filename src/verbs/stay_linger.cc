// SPDX-License-Identifier: Apache-2.0
// What logind does at the end of a session; see stay_linger.h. By its files, as it would tell by the bus.
#include "verbs/stay_linger.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/text.h"
#include "host/accounts.h"
#include "sys/files.h"

namespace kelp::verbs {
namespace {

constexpr std::size_t kMostText = 1U << 20U;

// The last one that is said in a file; blanks around the sign are allowed (systemd.syntax(7)).
std::optional<std::string> value_of(std::string_view text, std::string_view name) {
  std::optional<std::string> value;
  for (const std::string_view line : split(text, '\n')) {
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos && trimmed(line.substr(0, equals)) == name)
      value = std::string(trimmed(line.substr(equals + 1)));
  }
  return value;
}

bool is_true(std::string word) {
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::tolower(c); });
  return word == "yes" || word == "true" || word == "on" || word == "1" || word == "y" || word == "t";
}

// Of several of one name that in the first directory counts; all are read in the order of their names, behind
// the file itself.
std::vector<std::string> configuration_files() {
  std::vector<std::string> files;
  for (const char* const directory : {"/etc/systemd", "/run/systemd", "/usr/lib/systemd"}) {
    const std::string path = cat(directory, "/logind.conf");
    if (files.empty() && ::access(path.c_str(), R_OK) == 0) files.push_back(path);
  }
  std::map<std::string, std::string> by_name;
  for (const char* const directory :
       {"/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd"}) {
    const std::string path = cat(directory, "/logind.conf.d");
    const std::unique_ptr<DIR, int (*)(DIR*)> list(::opendir(path.c_str()), ::closedir);
    while (const dirent* const entry = list ? ::readdir(list.get()) : nullptr) {
      const std::string name = entry->d_name;
      if (name.ends_with(".conf")) by_name.emplace(name, cat(path, "/", name));
    }
  }
  for (auto& [name, path] : by_name) files.push_back(std::move(path));
  return files;
}

struct Settings {
  bool kills = false;
  std::string only, excluded = "root";
};

Settings settings() {
  Settings settings;
  for (const std::string& path : configuration_files()) {
    const Result<std::string> text = sys::read_file(path, kMostText);
    if (!text) continue;
    if (const auto value = value_of(*text, "KillUserProcesses")) settings.kills = is_true(*value);
    if (const auto value = value_of(*text, "KillOnlyUsers")) settings.only = *value;
    if (const auto value = value_of(*text, "KillExcludeUsers")) settings.excluded = *value;
  }
  return settings;
}

bool has(std::string_view list, std::string_view name) {
  const std::vector<std::string_view> names = split(list, ' ');
  return std::ranges::find(names, name) != names.end();
}

// What was started by the user's own service manager is of no session (user@UID.service).
bool is_in_session() {
  const Result<std::string> cgroup = sys::read_proc("/proc/self/cgroup");
  return cgroup && cgroup->find("/session-") != std::string::npos;
}

}  // namespace

std::string warning_of_logind() {
  if (!is_in_session()) return {};
  const Settings here = settings();
  if (!here.kills) return {};
  const Result<std::optional<host::Account>> account = host::account_in_file("/etc/passwd", ::geteuid());
  const std::string name = account && *account ? (*account)->name : std::to_string(::geteuid());
  if (has(here.excluded, name) || (!here.only.empty() && !has(here.only, name))) return {};
  return cat(
      "systemd-logind ends the container when you log out (KillUserProcesses=yes in logind.conf); "
      "`loginctl enable-linger` and a start by `systemd-run --user --scope` keep it");
}

}  // namespace kelp::verbs
