// SPDX-License-Identifier: Apache-2.0
// See cgroup.h.
#include "cgroup.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace kelp::harness {
namespace fs = std::filesystem;

std::string cgroup_mount() {
  for (const char* place : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"})
    if (access((std::string(place) + "/cgroup.procs").c_str(), W_OK) == 0) return place;
  return {};
}

OwnCgroup::OwnCgroup(const std::string& mount)
    : name_("test-of-kelp-" + std::to_string(getpid())), path_(mount + "/" + name_) {
  if (mkdir(path_.c_str(), 0755) != 0) throw std::runtime_error("harness: no cgroup can be made");
  for (const char* controller : {"+memory", "+pids"})
    std::ofstream(mount + "/cgroup.subtree_control") << controller;
}

OwnCgroup::~OwnCgroup() {
  for (const std::string& name : inside()) {
    rmdir((path_ + "/" + name + "/inside").c_str());
    rmdir((path_ + "/" + name).c_str());
  }
  rmdir(path_.c_str());
}

Argv OwnCgroup::flags() const {
  Argv flags = {"--cgroup-parent=/" + name_};
  std::ifstream controllers(path_ + "/cgroup.controllers");
  for (std::string one; controllers >> one;) {
    if (one == "memory") flags.emplace_back("--memory=1g");
    if (one == "pids") flags.emplace_back("--pids-limit=100");
  }
  return flags;
}

std::vector<std::string> OwnCgroup::inside() const {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(path_))
    if (entry.is_directory()) names.push_back(entry.path().filename());
  return names;
}

}  // namespace kelp::harness
