// SPDX-License-Identifier: Apache-2.0
// The program that connects the container's network, from its start to its end; and a network namespace that
// is joined.
// Runs in: parent.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "launch/id_maps.h"
#include "plan/plan.h"
#include "sys/process.h"
#include "sys/unique_fd.h"

namespace kelp::launch {

// It runs, and ends with this value at the latest.
struct NetworkConnection {
  sys::Process process;
  sys::UniqueFd words;  // what it has to say
  sys::UniqueFd life;   // its end tells the program that kelp is gone
  std::string program;
};

// Starts the program for the container's process, which has its ids, still waits and can still be looked
// into, and waits until the network is up.
Result<NetworkConnection> connect_network(const plan::NetworkHelper& wanted, pid_t container,
                                          const Patience& patience);

// What to say where it has ended and the container has not.
Error explain_lost(NetworkConnection& connection);

// Enters the namespace: what is started from now on is in it. Refuses a file that is none.
Status join_network(const plan::NetworkToJoin& network);

}  // namespace kelp::launch
