// SPDX-License-Identifier: Apache-2.0
// The parent's part in the container's network: the program that connects it, or the namespace that is
// joined.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "spec/network.h"

namespace kelp::plan {

// Stands for the number of the container's process in NetworkHelper::argv, which only launch/ can know.
inline constexpr std::string_view kContainerPid = "{PID}";

// How a program says that the network is up, which decides what it gets as 0 and 1.
enum class NetworkUp {
  // A line on its 2 with its own number. Its 0 is the container's user namespace and its 1 the network
  // namespace: what it prints is lost.
  kPidOnStderr,
  // A byte on its 0. Its 1 comes to an end when kelp does: a change of ids has cut the other tie.
  kByteOnStdin,
};

// Started once the container has its ids and while its process still waits, tied to kelp's life, and ended
// with the container. Its 2 also tells why the network is not up.
struct NetworkHelper {
  std::string program;            // path
  std::vector<std::string> argv;  // from the name on
  NetworkUp up = NetworkUp::kPidOnStderr;
  // Bound for a moment before: the helper would share a port of UDP with whoever has it, or leave one of many
  // out.
  std::vector<PublishedPorts> tried_ports = {};
  std::string name_server = {};  // its address inside; queries go to the host's first one
  Origin origin = {};
  bool operator==(const NetworkHelper&) const = default;
};

// Entered by kelp itself before it makes the container's namespaces: a right over the user namespace that the
// network belongs to is needed, which nobody has from inside the container's own.
struct NetworkToJoin {
  std::string path;
  Origin origin = {};
  bool operator==(const NetworkToJoin&) const = default;
};

}  // namespace kelp::plan
