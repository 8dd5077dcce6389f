// SPDX-License-Identifier: Apache-2.0
// What the parent hears of the child between "go" and the command's exec: reports, its silent end, and the
// signals that come meanwhile.
// Runs in: parent.
#pragma once

#include "base/result.h"
#include "launch/start.h"
#include "plan/plan.h"
#include "sys/process.h"

namespace kelp::launch {

// The child waits for it. One that has ended meanwhile is an error.
Status go_on(Running& running);

// Reads reports until the pipe's end. An error: the child said why, or fell silent too early; --timeout or a
// signal ended the start.
Status read_reports(const plan::Plan& plan, int fd, Running& running);

// Why a child ended without a report: somebody killed it. Waits for it.
Error explain_silent_end(sys::Process& process);

// Until somebody says on ready_fd that the id maps are written, or leaves. An error: a signal or
// --timeout ended the start.
Status wait_for_maps(int ready_fd, Running& running);

}  // namespace kelp::launch
