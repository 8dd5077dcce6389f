// SPDX-License-Identifier: Apache-2.0
// What connects parent and child; see ends.h.
// Runs in: both.
#include "launch/ends.h"

#include <unistd.h>

#include <utility>

#include "sys/process.h"

namespace kelp::launch {

Result<Ends> make_ends(const plan::Plan& plan, const AtBirth& at_birth) {
  Ends ends;
  Result<sys::Pipe> go = sys::make_pipe();
  if (!go) return go.error();
  Result<sys::Pipe> report = sys::make_pipe();
  if (!report) return report.error();
  ends.go = std::move(*go);
  ends.report = std::move(*report);
  if (plan.has_reaper || plan.has_terminal) {
    Result<sys::SocketPair> status = sys::make_socket_pair();
    if (!status) return status.error();
    ends.status = std::move(*status);
  }
  if (plan.listener) {
    Result<sys::SocketPair> notify = sys::make_socket_pair();
    if (!notify) return notify.error();
    ends.notify = std::move(*notify);
  }
  if (at_birth) {
    Result<sys::Pipe> namespaces = sys::make_pipe();
    if (!namespaces) return namespaces.error();
    ends.namespaces = std::move(*namespaces);
  }
  return ends;
}

void leave_ends_to_parent(Ends& ends) {
  // The parent's ends: above all that of `go`, whose end must mean that the parent is gone.
  ends.go.write_end.reset();
  ends.report.read_end.reset();
  ends.status.ours.reset();
  ends.notify.ours.reset();
  ends.namespaces.read_end.reset();
  if (ends.namespaces.write_end.valid() && !sys::tell_namespaces(ends.namespaces.write_end.get()))
    ::_exit(kExitCannotStart);
  ends.namespaces.write_end.reset();
}

}  // namespace kelp::launch
