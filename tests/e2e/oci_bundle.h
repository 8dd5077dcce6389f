// SPDX-License-Identifier: Apache-2.0
// A bundle of the test's own, and kelp-oci with a state directory of its own: as the runtime specification
// has them, without an engine.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "harness/harness.h"

namespace kelp::harness {

using Json = nlohmann::ordered_json;

/// A configuration with what every test needs, to be changed.
inline Json plain_config(const Argv& command) {
  Json config = {{"ociVersion", "1.0.2"},
                 {"process",
                  {{"terminal", false},
                   {"user", {{"uid", 0}, {"gid", 0}}},
                   {"args", command},
                   {"env", {"PATH=/bin"}},
                   {"cwd", "/"},
                   {"noNewPrivileges", true}}},
                 {"root", {{"path", "rootfs"}, {"readonly", false}}},
                 {"hostname", "inside"},
                 {"mounts",
                  {{{"destination", "/proc"}, {"type", "proc"}, {"source", "proc"}},
                   {{"destination", "/dev"},
                    {"type", "tmpfs"},
                    {"source", "tmpfs"},
                    {"options", {"nosuid", "mode=755"}}},
                   {{"destination", "/dev/pts"},
                    {"type", "devpts"},
                    {"source", "devpts"},
                    {"options", {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}}}}},
                 {"linux", {{"namespaces", Json::array()}}}};
  for (const char* kind : {"pid", "ipc", "uts", "mount"})
    config["linux"]["namespaces"].push_back({{"type", kind}});
  const Json names = {"CAP_KILL", "CAP_SETUID", "CAP_SETGID", "CAP_CHOWN"};
  for (const char* set : {"bounding", "effective", "permitted"})
    config["process"]["capabilities"][set] = names;
  return config;
}

class OciBundle {
 public:
  OciBundle() {
    make_small_root(place_, "bundle/rootfs");
    for (const char* name : {"proc", "dev"}) std::filesystem::create_directories(path() + "/rootfs/" + name);
  }
  ~OciBundle() {
    const Outcome listed = oci({"list", "-q"});
    for (std::size_t at = 0; at < listed.out.size();) {
      const std::size_t end = listed.out.find('\n', at);
      (void)oci({"delete", "--force", listed.out.substr(at, end - at)});
      at = end + 1;
    }
  }
  OciBundle(const OciBundle&) = delete;
  OciBundle& operator=(const OciBundle&) = delete;

  std::string path() const { return place_.path() + "/bundle"; }
  std::string state() const { return place_.path() + "/state"; }
  const TempDir& place() const { return place_; }

  void write(const Json& config) const { place_.file("bundle/config.json", config.dump(2)); }
  void runs(const Argv& command) const { write(plain_config(command)); }

  /// kelp-oci with its state here, and no cgroup: no test depends on one being delegated.
  Argv line(Argv arguments) const {
    Argv words = {kelp_binary(), "oci", "--root", state(), "--cgroup-manager=disabled"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return words;
  }
  Outcome oci(Argv arguments, RunOptions options = {}) const {
    return run(line(std::move(arguments)), std::move(options));
  }
  /// The same of what leaves a process behind, which would hold the pipes of its outputs for ever.
  Outcome oci_left(Argv arguments) const {
    const std::string out = place_.path() + "/left.out";
    const std::string err = place_.path() + "/left.err";
    Argv words = {"sh", "-c", "out=$1; err=$2; shift 2; exec \"$@\" >\"$out\" 2>\"$err\"", "sh", out, err};
    for (std::string& word : line(std::move(arguments))) words.push_back(std::move(word));
    Outcome outcome = run(words);
    outcome.out = read_file(out);
    outcome.err = read_file(err);
    return outcome;
  }
  Outcome create(const std::string& id, Argv options = {}) const {
    Argv words = {"create", "--bundle", path()};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back(id);
    return oci_left(std::move(words));
  }
  Json state_of(const std::string& id) const {
    const Outcome outcome = oci({"state", id});
    return outcome.status == 0 ? Json::parse(outcome.out) : Json();
  }
  std::string status_of(const std::string& id) const {
    const Json state = state_of(id);
    return state.is_object() ? state["status"].get<std::string>() : "none";
  }
  pid_t pid_of(const std::string& id) const { return state_of(id)["pid"].get<pid_t>(); }
  /// Once it is so, or after ten seconds.
  std::string status_becomes(const std::string& id, const std::string& wanted) const {
    std::string status;
    for (int i = 0; i < 1000; ++i) {
      status = status_of(id);
      if (status == wanted) break;
      std::this_thread::sleep_for(milliseconds{10});
    }
    return status;
  }
  bool is_empty() const { return !std::filesystem::exists(state()) || std::filesystem::is_empty(state()); }

 private:
  const TempDir place_;
};

/// Whether a process has ended; whoever is to wait for it may not have done so yet.
inline bool has_ended(pid_t pid) {
  const std::string stat = "/proc/" + std::to_string(pid) + "/stat";
  if (::access(stat.c_str(), F_OK) != 0) return true;
  return read_file(stat).find(") Z ") != std::string::npos;
}

/// An error as runc prints it without --log.
MATCHER_P(RefusesWith, text, "") {
  (void)result_listener;
  const std::string line = std::string("level=error msg=\"") + text;
  return arg.status == 1 && arg.err.find(line) != std::string::npos;
}

}  // namespace kelp::harness
