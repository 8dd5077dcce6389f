// SPDX-License-Identifier: Apache-2.0
// Which devices the processes of a cgroup v2 may open or make: a BPF program that the kernel asks
// (BPF_PROG_TYPE_CGROUP_DEVICE in linux/bpf.h). Only for who has CAP_BPF, or CAP_SYS_ADMIN, over the machine.
// Runs in: parent.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"

namespace kelp::sys {

enum class DeviceType { kAny, kBlock, kCharacter };

enum DeviceAccess : std::uint32_t { kMake = 1, kRead = 2, kWrite = 4 };  // the kernel's BPF_DEVCG_ACC_*

struct DeviceFilterRule {
  bool allow = false;
  DeviceType type = DeviceType::kAny;
  std::int64_t major = -1;  // -1: every
  std::int64_t minor = -1;
  std::uint32_t access = kMake | kRead | kWrite;
};

// The program for rules of which the last one that matches counts; what none matches is refused. 64 bits an
// instruction, as the kernel's struct bpf_insn.
std::vector<std::uint64_t> compile_device_filter(const std::vector<DeviceFilterRule>& rules);

// Attaches it to a cgroup, beside those that are there.
Status attach_device_filter(int cgroup_fd, const std::vector<std::uint64_t>& program);

}  // namespace kelp::sys
