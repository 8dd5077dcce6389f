// SPDX-License-Identifier: Apache-2.0
// What the schedulers and the out-of-memory killer are told. Runs in: child.
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <string>
#include <vector>

#include "base/text.h"
#include "child/context.h"
#include "sys/failure.h"
#include "sys/oom.h"

namespace kelp::child {
namespace {

constexpr int kIoClassShift = 13;  // IOPRIO_CLASS_SHIFT of linux/ioprio.h, which old headers lack
constexpr int kIoOfProcess = 1;    // IOPRIO_WHO_PROCESS

using Words = std::vector<unsigned long>;
constexpr std::size_t kBitsOfWord = sizeof(unsigned long) * CHAR_BIT;

Words mask_of(const CpuSet& numbers) {
  Words words(1);
  for (const std::uint32_t number : numbers) {
    if (number / kBitsOfWord >= words.size()) words.resize(number / kBitsOfWord + 1);
    words[number / kBitsOfWord] |= 1UL << (number % kBitsOfWord);
  }
  return words;
}

Status set_io_priority(const IoPriority& wanted) {
  const long value = (static_cast<long>(wanted.io_class) << kIoClassShift) | wanted.priority;
  if (::syscall(SYS_ioprio_set, kIoOfProcess, 0, value) == 0) return {};
  return sys::failure("set the I/O priority");
}

// As struct sched_attr of sched_setattr(2), whose first version is all that is asked for.
struct Attributes {
  std::uint32_t size = 48;
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0, deadline = 0, period = 0;
};
static_assert(sizeof(Attributes) == 48);

Status set_scheduler(const Scheduler& wanted) {
  Attributes attributes{.policy = wanted.policy,
                        .flags = wanted.flags,
                        .nice = wanted.nice,
                        .priority = wanted.priority,
                        .runtime = wanted.runtime_ns,
                        .deadline = wanted.deadline_ns,
                        .period = wanted.period_ns};
  if (::syscall(SYS_sched_setattr, 0, &attributes, 0) == 0) return {};
  return sys::failure("set the scheduler");
}

Status set_affinity(const CpuSet& cpus) {
  const Words words = mask_of(cpus);
  if (::syscall(SYS_sched_setaffinity, 0, words.size() * sizeof(unsigned long), words.data()) == 0) return {};
  return sys::failure("set the processors to run on");
}

Status set_memory_policy(const MemoryPolicy& wanted) {
  const Words words = mask_of(wanted.nodes);
  const unsigned long count = wanted.nodes.empty() ? 0 : words.size() * kBitsOfWord + 1;
  const long mode = wanted.mode | static_cast<long>(wanted.flags);
  if (::syscall(SYS_set_mempolicy, mode, wanted.nodes.empty() ? nullptr : words.data(), count) == 0)
    return {};
  return sys::failure("set the memory policy");
}

}  // namespace

Status perform(const plan::SetScheduling& step, Context& context) {
  using Step = plan::SetScheduling;
  const Scheduling& what = step.what;
  Status done;
  const auto is_next = [&](Step::Part part, bool is_wanted) {
    if (!done || !is_wanted) return false;
    context.index = part;
    return true;
  };
  if (is_next(Step::kOom, what.oom_score_adj.has_value())) done = sys::set_oom_score(*what.oom_score_adj);
  if (is_next(Step::kIo, what.io.has_value())) done = set_io_priority(*what.io);
  if (is_next(Step::kScheduler, what.scheduler.has_value())) done = set_scheduler(*what.scheduler);
  if (is_next(Step::kInitialCpus, !what.initial_cpus.empty())) done = set_affinity(what.initial_cpus);
  if (is_next(Step::kFinalCpus, !what.final_cpus.empty())) done = set_affinity(what.final_cpus);
  if (is_next(Step::kMemory, what.memory.has_value())) done = set_memory_policy(*what.memory);
  if (!is_next(Step::kPersonality, what.personality.has_value())) return done;
  if (::personality(*what.personality) >= 0) return {};
  return sys::failure("set the personality");
}

}  // namespace kelp::child
