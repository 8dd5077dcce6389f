// SPDX-License-Identifier: Apache-2.0
// Temporary directories and the busybox root.
#include "harness/places.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "harness/run.h"

namespace kelp::harness {
namespace fs = std::filesystem;
namespace {

const std::string& busybox() {
  static const std::string found = [] {
    for (const char* path : {"/bin/busybox", "/usr/bin/busybox", "/bin/busybox.static"})
      if (access(path, X_OK) == 0) return std::string(path);
    return std::string();
  }();
  return found;
}

// A dynamic program names its interpreter; a static one has no such string.
bool is_static(const std::string& program) {
  return !program.empty() && read_file(program).find("/ld-linux") == std::string::npos;
}

}  // namespace

TempDir::TempDir() {
  const char* base = std::getenv("TMPDIR");
  path_ = std::string(base ? base : "/tmp") + "/kelp.XXXXXX";
  if (!mkdtemp(path_.data()))
    throw std::runtime_error("harness: cannot make " + path_ + ": " + std::strerror(errno));
}

TempDir::~TempDir() {
  std::error_code failed;
  fs::remove_all(path_, failed);
  if (failed && std::getenv("KELP_BINARY")) kelp({"unshare", "rm", "-rf", path_});
}

std::string TempDir::dir(std::string_view name) const {
  const fs::path path = fs::path(path_) / name;
  fs::create_directories(path);
  return path;
}

std::string TempDir::file(std::string_view name, std::string_view text, unsigned mode) const {
  const fs::path path = fs::path(path_) / name;
  fs::create_directories(path.parent_path());
  std::ofstream stream(path, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream || chmod(path.c_str(), mode) != 0)
    throw std::runtime_error("harness: cannot write " + path.string());
  return path;
}

std::string TempDir::link(std::string_view name, std::string_view target) const {
  const fs::path path = fs::path(path_) / name;
  fs::create_directories(path.parent_path());
  fs::create_symlink(target, path);
  return path;
}

std::string read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) throw std::runtime_error("harness: cannot read " + path);
  return std::move(text).str();
}

bool has_small_root() {
  static const bool answer = is_static(busybox());
  return answer;
}

std::string make_small_root(const TempDir& where, std::string_view name) {
  if (!has_small_root()) throw std::runtime_error("harness: install busybox-static");
  const std::string base(name);
  const std::string root = where.dir(base);
  const std::string program = where.dir(base + "/bin") + "/busybox";
  fs::copy_file(busybox(), program);
  std::istringstream commands(run({program, "--list"}).out);
  for (std::string command; std::getline(commands, command);)
    if (command != "busybox") where.link(base + "/bin/" + command, "busybox");
  where.file(base + "/etc/passwd",
             "root:x:0:0:root:/root:/bin/sh\nalga:x:1000:1000:Alga:/home/alga:/bin/sh\n");
  where.file(base + "/etc/group", "root:x:0:\nalga:x:1000:\nreef:x:2000:alga\n");
  where.dir(base + "/home/alga");
  where.dir(base + "/root");
  chmod(where.dir(base + "/tmp").c_str(), 01777);
  return root;
}

const std::string& small_root() {
  static const TempDir place;
  static const std::string root = make_small_root(place);
  return root;
}

}  // namespace kelp::harness
