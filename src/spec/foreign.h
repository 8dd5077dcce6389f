// SPDX-License-Identifier: Apache-2.0
// What exists before the container does: namespaces that it shares with others, and a whole container that
// only one more process is put into.
#pragma once

#include <string>
#include <vector>

#include "spec/namespaces.h"
#include "spec/origin.h"

namespace kelp {

// The namespace behind a file ("/proc/PID/ns/net", or one that is bound elsewhere), shared by the container
// instead of the caller's. A kind that is joined is not new.
struct JoinedNamespace {
  Namespace kind = Namespace::kNetwork;
  std::string path;
  Origin origin = {};
  bool operator==(const JoinedNamespace&) const = default;
};

// A container that runs already: all its namespaces, its root and its cgroup. Nothing is made or mounted.
struct EnteredContainer {
  int pidfd = -1;  // of a process in it (pidfd_open(2))
  // Kinds whose namespace is not the caller's: only these are entered.
  std::vector<Namespace> kinds = {};
  std::string cgroup = {};  // the directory of the cgroup to be in; empty: the caller's
  bool operator==(const EnteredContainer&) const = default;
};

// A setting of the kernel's that a namespace of the container's own has (sysctl(8)).
struct Sysctl {
  std::string name;  // "net.ipv4.ip_forward"; a '/' in it is a dot of the file's name (sysctl(8))
  std::string value;
  Origin origin = {};
  bool operator==(const Sysctl&) const = default;
};

// A network device of the machine's that is moved into the container (config-linux.md, "Network Devices").
struct MovedNetDevice {
  std::string host_name;
  std::string name;  // inside
  Origin origin = {};
  bool operator==(const MovedNetDevice&) const = default;
};

}  // namespace kelp
