// SPDX-License-Identifier: Apache-2.0
// Labels of security modules: process.apparmorProfile, process.selinuxLabel, linux.mountLabel. Where the
// machine has no such module, what was asked for cannot be in force: that is refused, as runc does.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "oci/process.h"
#include "oci/sections.h"

namespace kelp::oci {
namespace {

bool holds(const std::function<bool()>& ask) { return ask && ask(); }

// The kernel gives these labels of its own, by rules of the policy.
bool takes_label(const PlainMount& mount) {
  static constexpr auto kOwn = std::to_array<std::string_view>({"bind", "proc", "sysfs", "cgroup2"});
  return std::find(kOwn.begin(), kOwn.end(), mount.type) == kOwn.end();
}

void label_mounts(const std::string& label, std::vector<Mount>& mounts) {
  for (Mount& mount : mounts) {
    auto* plain = std::get_if<PlainMount>(&mount.what);
    if (plain == nullptr || !takes_label(*plain)) continue;
    if (!plain->data.empty()) plain->data += ',';
    plain->data += cat("context=\"", label, "\"");
  }
}

}  // namespace

void read_process_labels(const Section& process, const Surroundings& around, Labels& labels) {
  std::string apparmor = process.text("apparmorProfile").value_or("");
  std::string selinux = process.text("selinuxLabel").value_or("");
  if (!apparmor.empty() && !holds(around.has_apparmor)) {
    // It is what holds without AppArmor, too.
    if (apparmor != "unconfined") process.refuse("apparmorProfile", "this machine has no AppArmor");
    apparmor.clear();
  }
  if (!selinux.empty() && !holds(around.has_selinux))
    process.refuse("selinuxLabel", "this machine has no SELinux");
  labels = {.apparmor = std::move(apparmor),
            .selinux = std::move(selinux),
            .apparmor_origin = {process.path_of("apparmorProfile")},
            .selinux_origin = {process.path_of("selinuxLabel")}};
}

void read_labels(const Section& linux, Draft& draft) {
  const std::string label = linux.text("mountLabel").value_or("");
  if (label.empty()) return;
  if (!holds(draft.around.has_selinux)) return linux.refuse("mountLabel", "this machine has no SELinux");
  // It stands in quotes, which is how the kernel takes the commas in it.
  if (label.find_first_of("\"\n") != std::string::npos)
    return linux.refuse("mountLabel", "there is a quote in it");
  label_mounts(label, draft.config.spec.mounts);
}

}  // namespace kelp::oci
