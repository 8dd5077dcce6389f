// SPDX-License-Identifier: Apache-2.0
// The one resolver for paths below a container's root. Whoever fills that root may be hostile: its links,
// its `..` and its renames must never lead outside. Results are descriptors, used only as descriptors.
// Runs in: both.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sys/unique_fd.h"

namespace kelp::sys {

// How a path is walked. kKernel is openat2(2) with RESOLVE_IN_ROOT (since 5.6), and falls to kWalk where
// openat2 is missing or filtered away; kWalk goes one component at a time and keeps the same promise.
enum class Walk { kKernel, kWalk };

enum class LastLink { kFollow, kKeep };

// What a path means that leads out of where it starts, by `..` or by an absolute link: it stays inside, as in
// a chroot; or it is refused (ELOOP), because what lies outside may be somebody else's. An absolute path
// begins at the start in either case.
enum class Outward { kStaysInside, kRefused };

// An O_PATH descriptor for path, resolved as if root_fd were "/" and chroot could not be left.
// Absolute links start at root_fd; `..` stops there; magic links (/proc/PID/root …) are refused (ELOOP).
Result<UniqueFd> resolve(int root_fd, std::string_view path, LastLink last = LastLink::kFollow,
                         Walk walk = Walk::kKernel, Outward outward = Outward::kStaysInside);

// What is made where a path does not exist.
enum class Make { kDirectory, kFile };

// What a link that points nowhere means: an error (what a user names must exist), or a wish (the root's own
// /etc/resolv.conf -> ../run/…/resolv.conf: its target is made).
enum class Dangling { kRefuse, kFollow };

struct MakeOptions {
  Make what = Make::kDirectory;
  mode_t mode = 0755;     // of the last component
  mode_t parents = 0755;  // of directories on the way
  Dangling dangling = Dangling::kRefuse;
  Walk walk = Walk::kKernel;
  Outward outward = Outward::kStaysInside;
  std::string start = {};  // what root_fd is called in messages; empty: the root
  // Ids of the mounts (STATX_MNT_ID) in which something may be made; null: in all. What the host shares is
  // not littered with mount points.
  const std::vector<std::uint64_t>* allowed_mounts = nullptr;
  // Asked before something is made; its error is the result.
  std::function<Status()> before_making = {};
};

struct Place {
  UniqueFd fd;        // O_PATH
  bool made = false;  // it did not exist before
};

// As resolve(), and makes what is missing, parents included. An existing object of the wrong kind is an
// error (ENOTDIR, EISDIR). Everything is made relative to a descriptor of its parent, never by path.
Result<Place> resolve_or_make(int root_fd, std::string_view path, const MakeOptions& options);

// A symbolic link at path with the text target; missing parents are made. An existing link with the same
// text is fine, anything else is an error (EEXIST). Of the options those count that parents are made by.
Status make_symlink(int root_fd, std::string_view path, const std::string& target,
                    const MakeOptions& options = {});

}  // namespace kelp::sys
