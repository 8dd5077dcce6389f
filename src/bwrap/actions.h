// SPDX-License-Identifier: Apache-2.0
// The options that act on the file system, in the order in which they are given. Inside bwrap/ only.
#pragma once

#include "bwrap/draft.h"

namespace kelp::bwrap {

// The number of an inherited descriptor, which the command then does not get.
Result<int> descriptor(Draft& draft, const std::string& text);

Status permissions(Draft& draft, Values values);
Status size(Draft& draft, Values values);
Status overlay_source(Draft& draft, Values values);

Status bind(Draft& draft, Values values);
Status bind_descriptor(Draft& draft, Values values);
Status remount_read_only(Draft& draft, Values values);
Status overlay(Draft& draft, Values values);
Status discarded_overlay(Draft& draft, Values values);
Status read_only_overlay(Draft& draft, Values values);
Status proc(Draft& draft, Values values);
Status devices(Draft& draft, Values values);
Status tmpfs(Draft& draft, Values values);
Status mqueue(Draft& draft, Values values);
Status make_directory(Draft& draft, Values values);
Status write_file(Draft& draft, Values values);
Status bind_data(Draft& draft, Values values);
Status symlink(Draft& draft, Values values);
Status change_mode(Draft& draft, Values values);

}  // namespace kelp::bwrap
