// SPDX-License-Identifier: Apache-2.0
// The words behind a bind or a tmpfs ("ro", "noexec", "size=64m"), which -v, --mount and --tmpfs share. A
// closed list: none of them reaches the kernel as text.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "spec/mounts.h"

namespace kelp::cli {

// Applies the words in turn; refuses unknown and contradictory ones, and Podman's that kelp lacks with what
// to write instead.
Status apply_bind_words(std::span<const std::string_view> words, Bind& bind, const std::string& typed);
Status apply_tmpfs_words(std::span<const std::string_view> words, Tmpfs& tmpfs, const std::string& typed);

}  // namespace kelp::cli
