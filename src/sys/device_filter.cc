// SPDX-License-Identifier: Apache-2.0
// A cgroup's filter of devices; see device_filter.h.
// Runs in: parent.
#include "sys/device_filter.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>
#include <cstddef>
#include <ranges>
#include <utility>

#include "sys/failure.h"
#include "sys/unique_fd.h"

namespace kelp::sys {
namespace {

constexpr std::uint8_t kTypeRegister = BPF_REG_2;
constexpr std::uint8_t kAccessRegister = BPF_REG_3;
constexpr std::uint8_t kMajorRegister = BPF_REG_4;
constexpr std::uint8_t kMinorRegister = BPF_REG_5;
constexpr std::uint8_t kScratch = BPF_REG_1;  // held the context until all was read from it

constexpr std::int32_t kTypeMask = 0xFFFF;
constexpr std::int32_t kAccessShift = 16;
constexpr std::uint32_t kEveryAccess = kMake | kRead | kWrite;

// struct bpf_insn without its bit fields.
struct Instruction {
  unsigned code = 0;
  std::uint8_t dst_reg = 0;
  std::uint8_t src_reg = 0;
  std::int16_t off = 0;
  std::int32_t imm = 0;
};

std::uint64_t encoded(const Instruction& from) {
  bpf_insn to{};
  to.code = static_cast<std::uint8_t>(from.code);
  to.dst_reg = from.dst_reg & 0xFU;
  to.src_reg = from.src_reg & 0xFU;
  to.off = from.off;
  to.imm = from.imm;
  return std::bit_cast<std::uint64_t>(to);
}

class Program {
 public:
  Program() {
    load(kTypeRegister, offsetof(bpf_cgroup_dev_ctx, access_type));
    move(kAccessRegister, kTypeRegister);
    add({.code = BPF_ALU | BPF_AND | BPF_K, .dst_reg = kTypeRegister, .imm = kTypeMask});
    add({.code = BPF_ALU | BPF_RSH | BPF_K, .dst_reg = kAccessRegister, .imm = kAccessShift});
    load(kMajorRegister, offsetof(bpf_cgroup_dev_ctx, major));
    load(kMinorRegister, offsetof(bpf_cgroup_dev_ctx, minor));
  }

  void add_rule(const DeviceFilterRule& rule) {
    std::vector<Instruction> conditions;
    const auto unless_equal = [&](std::uint8_t where, std::int64_t value) {
      conditions.push_back({.code = BPF_JMP32 | BPF_JNE | BPF_K,
                            .dst_reg = where,
                            .imm = static_cast<std::int32_t>(static_cast<std::uint32_t>(value))});
    };
    if (rule.type != DeviceType::kAny) {
      unless_equal(kTypeRegister, rule.type == DeviceType::kBlock ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
    }
    if (rule.major >= 0) unless_equal(kMajorRegister, rule.major);
    if (rule.minor >= 0) unless_equal(kMinorRegister, rule.minor);
    const bool has_access = rule.access != kEveryAccess;
    // The jumps lead behind the rule: over the other conditions, the access and the answer.
    constexpr std::size_t kAnswer = 2;
    constexpr std::size_t kAccess = 3;
    std::size_t left = conditions.size() + (has_access ? kAccess : 0) + kAnswer;
    for (Instruction& condition : conditions) {
      condition.off = static_cast<std::int16_t>(--left);
      add(condition);
    }
    if (has_access) add_access(rule);
    answer(rule.allow);
  }

  // Allowed is what asks for no more than the rule gives; refused what asks for any of what it takes away.
  void add_access(const DeviceFilterRule& rule) {
    move(kScratch, kAccessRegister);
    const std::uint32_t mask = rule.allow ? ~rule.access & kEveryAccess : rule.access;
    add({.code = BPF_ALU | BPF_AND | BPF_K, .dst_reg = kScratch, .imm = static_cast<std::int32_t>(mask)});
    const unsigned jump = BPF_JMP32 | (rule.allow ? BPF_JNE : BPF_JEQ) | BPF_K;
    add({.code = jump, .dst_reg = kScratch, .off = 2});
  }

  void answer(bool allow) {
    add({.code = BPF_ALU | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = allow ? 1 : 0});
    add({.code = BPF_JMP | BPF_EXIT});
  }

  std::vector<std::uint64_t> take() && { return std::move(code_); }

 private:
  void add(const Instruction& instruction) { code_.push_back(encoded(instruction)); }
  void load(std::uint8_t into, std::size_t offset) {
    add({.code = BPF_LDX | BPF_MEM | BPF_W,
         .dst_reg = into,
         .src_reg = BPF_REG_1,
         .off = static_cast<std::int16_t>(offset)});
  }
  void move(std::uint8_t into, std::uint8_t from) {
    add({.code = BPF_ALU | BPF_MOV | BPF_X, .dst_reg = into, .src_reg = from});
  }

  std::vector<std::uint64_t> code_;
};

bool matches_all(const DeviceFilterRule& rule) {
  return rule.type == DeviceType::kAny && rule.major < 0 && rule.minor < 0 && rule.access == kEveryAccess;
}

long bpf(int command, bpf_attr& attributes) {
  return ::syscall(SYS_bpf, command, &attributes, sizeof attributes);
}

}  // namespace

std::vector<std::uint64_t> compile_device_filter(const std::vector<DeviceFilterRule>& rules) {
  Program program;
  for (const DeviceFilterRule& rule : std::views::reverse(rules)) {
    if (rule.access == 0) continue;
    program.add_rule(rule);
    // The kernel takes no program with instructions that are never reached.
    if (matches_all(rule)) return std::move(program).take();
  }
  program.answer(false);
  return std::move(program).take();
}

Status attach_device_filter(int cgroup_fd, const std::vector<std::uint64_t>& program) {
  static_assert(sizeof(bpf_insn) == sizeof(std::uint64_t));
  constexpr char kLicense[] = "Apache-2.0";
  bpf_attr load{};
  load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  load.insn_cnt = static_cast<std::uint32_t>(program.size());
  load.insns = reinterpret_cast<std::uintptr_t>(program.data());
  load.license = reinterpret_cast<std::uintptr_t>(kLicense);
  const UniqueFd loaded(static_cast<int>(bpf(BPF_PROG_LOAD, load)));
  if (!loaded.valid()) return failure("load the filter of devices");
  bpf_attr attach{};
  attach.target_fd = static_cast<std::uint32_t>(cgroup_fd);
  attach.attach_bpf_fd = static_cast<std::uint32_t>(loaded.get());
  attach.attach_type = BPF_CGROUP_DEVICE;
  attach.attach_flags = BPF_F_ALLOW_MULTI;
  if (bpf(BPF_PROG_ATTACH, attach) != 0) return failure("attach the filter of devices to the cgroup");
  return {};
}

}  // namespace kelp::sys
