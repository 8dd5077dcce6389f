// SPDX-License-Identifier: Apache-2.0
// The values of the flags that mount something. Whether a destination makes sense is said by spec/check.cc;
// here only the spelling is read. `typed` names the flag in refusals and becomes the origin.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "spec/mounts.h"

namespace kelp::cli {

Result<Mount> read_volume(std::string_view value, const std::string& typed);   // SRC:DST[:OPTION,...]
Result<Mount> read_mount(std::string_view value, const std::string& typed);    // type=TYPE[,KEY=VALUE...]
Result<Mount> read_tmpfs(std::string_view value, const std::string& typed);    // DST[:OPTION,...]
Result<Mount> read_file(std::string_view value, const std::string& typed);     // FD:DST
Result<Mount> read_symlink(std::string_view value, const std::string& typed);  // TARGET:DST

std::optional<ProcMode> read_proc_mode(std::string_view word);  // auto, new, pids, host

}  // namespace kelp::cli
