// SPDX-License-Identifier: Apache-2.0
// What the child tells the parent over the report pipe (close-on-exec: its end means that the command has
// been executed) and over the status socket (which the reaper keeps until the end). Runs in: both.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/report_head.h"
#include "sys/status_message.h"

namespace kelp::child {

using sys::ReportKind;

// One message. A pipe keeps a write of up to PIPE_BUF (4096) bytes in one piece.
struct Report {
  ReportKind kind = ReportKind::kFailed;
  std::uint32_t step = 0;   // index in Plan::child
  std::uint32_t index = 0;  // within the step: which source …
  std::int32_t code = 0;    // errno; 0: not from the kernel
  std::int32_t status = 0;  // kelp's exit status for it
  std::string action;       // "open /x"; of the other kinds: the detail
  std::string reason;
  std::string hint;
  FailedPart part = FailedPart::kOther;
  std::string object;
};

Status send_report(int fd, const Report& report);
// A message that has come in one piece; nothing where it is none.
std::optional<Report> read_report(std::string_view bytes);
// The next message; nothing at the end of the pipe.
Result<std::optional<Report>> receive_report(int fd);

// Over the status socket, from PID 1 (or the child, for the terminal).
using sys::StatusKind;
using sys::StatusMessage;

}  // namespace kelp::child
