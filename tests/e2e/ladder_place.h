// SPDX-License-Identifier: Apache-2.0
// Places that allow less than a container needs, made for real: a script in one of them finds kelp as
// "$kelp".
#pragma once

#include <string>

#include "e2e/container.h"

namespace kelp::harness {

/// In a container of kelp on the host's userland that gives no user namespace, as other engines' do by
/// default; as root in there, or as oneself. `shared` is writable at its own path.
inline Outcome without_namespaces(bool as_root, const std::string& shared, const std::string& script) {
  const std::string build = std::filesystem::path(kelp_binary()).parent_path();
  Argv words = {"run", "--seccomp=@no-userns",     "--fake-root=off", "-v", shared + ":" + shared,
                "-v",  build + ":" + build + ":ro"};
  if (as_root) words.insert(words.end(), {"-u", "0"});
  words.insert(words.end(),
               {"host", "sh", "-ec", "kelp=$1; cd '" + shared + "'; " + script, "sh", kelp_binary()});
  return kelp(words);
}

/// Root of a user namespace in which no other one can be made.
inline Outcome with_no_more_namespaces(const std::string& script) {
  return with_mounts("echo 0 > /proc/sys/user/max_user_namespaces; " + script);
}

/// Where a part of /proc is masked.
inline Outcome with_masked_proc(const std::string& script) {
  return with_mounts("mount -t tmpfs t /proc/acpi 2>/dev/null || mount -t tmpfs t /proc/fs; " + script);
}

}  // namespace kelp::harness
