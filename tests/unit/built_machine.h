// SPDX-License-Identifier: Apache-2.0
// A machine that a test builds on disk, for what is found out by reading it: causes, remedies, doctor's
// table.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "harness/places.h"
#include "host/causes.h"

namespace kelp::host {

// A machine where nothing is wrong; a test changes one thing.
class BuiltMachine : public testing::Test {
 protected:
  BuiltMachine() {
    put("proc/self/ns/user", "");
    put("proc/self/status", status_of("0", "0", "0000000000000000"));
    put("proc/self/uid_map", "         0          0 4294967295\n");
    put("proc/self/gid_map", "         0          0 4294967295\n");
    put("proc/self/mountinfo",
        "27 1 254:0 / / rw - ext4 /dev/vda rw\n22 27 0:21 / /proc rw - proc proc rw\n");
    put("proc/sys/user/max_user_namespaces", "15000\n");
    put("etc/os-release", "ID=ubuntu\nID_LIKE=debian\n");
    put("etc/subuid", "bob:100000:65536\nalice:200000:65536\n");
    put("etc/subgid", "bob:100000:65536\nalice:200000:65536\n");
    machine_ = {.prefix = place_.path(), .release = "6.18.0", .uid = 1000, .user = "alice"};
  }

  static std::string status_of(std::string_view seccomp, std::string_view no_new_privs,
                               std::string_view effective) {
    return cat("Name:\tkelp\nCapEff:\t", effective, "\nCapBnd:\t000001ffffffffff\nNoNewPrivs:\t",
               no_new_privs, "\nSeccomp:\t", seccomp, "\nSeccomp_filters:\t0\n");
  }
  void put(std::string_view path, std::string_view text) { place_.file(path, text); }

  std::string why(Failed what, int code) const {
    const std::optional<Cause> cause = find_cause(what, code, machine_);
    return cause ? cause->why : "";
  }
  std::string mend(Failed what, int code) const {
    const std::optional<Cause> cause = find_cause(what, code, machine_);
    return cause ? cause->mend : "";
  }

  harness::TempDir place_;
  Machine machine_;
};

}  // namespace kelp::host
