// SPDX-License-Identifier: Apache-2.0
// What a container may not have where its id map holds the machine's own root: there the kernel takes uid 0
// inside for the owner of the machine's settings, files and cgroups.
#include "base/text.h"
#include "plan/steps.h"

namespace kelp::plan {

// /proc belongs to the machine's root. Our own id map does not tell: its numbers are those of the namespace
// around us, and 0 there may be anybody.
bool holds_real_root(const IdMaps& ids, const host::Facts& facts) {
  constexpr Id kOverflow = 65534;  // what the kernel shows for an id that is not mapped
  const host::HostFile* proc = facts.file("/proc");
  const bool is_known = proc != nullptr && proc->kind == host::FileKind::kDirectory;
  const Id root = is_known ? proc->owner : 0;
  // A map that somebody else writes, or has written, may hold anybody whom the caller may map.
  if (ids.writer == MapWriter::kOthers || ids.writer == MapWriter::kNobody)
    return root != kOverflow && facts.caller.uid == root;
  return root != kOverflow && inside_of(ids.users, root).has_value();
}

// Elsewhere the kernel guards these parts itself, and a mask would only forbid a new proc one level down.
// Every proc and sysfs is masked: one that is not would do, also to mount another.
Masks proc_of_real_root() {
  return {.hidden = {"acpi", "allocinfo", "asound", "kcore", "keys", "kpagecgroup", "kpagecount",
                     "kpageflags", "latency_stats", "mtrr", "pagetypeinfo", "sched_debug", "scsi", "slabinfo",
                     "timer_list", "timer_stats", "vmallocinfo"},
          .read_only = {"bus", "fs", "irq", "pressure", "sys", "sysrq-trigger"}};
}

// The host's sysfs comes with what is mounted below it, and these file systems know no namespaces: the
// settings of kernel modules, traces of every process, policies, pinned BPF objects, the machine's last
// crashes.
Masks sysfs_of_real_root() {
  return {.hidden = {"devices/virtual/powercap", "firmware", "fs/bpf", "fs/pstore", "kernel/debug",
                     "kernel/security", "kernel/tracing"},
          .read_only = {}};
}

}  // namespace kelp::plan
