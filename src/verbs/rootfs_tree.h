// SPDX-License-Identifier: Apache-2.0
// What a root made from the host's programs will hold, as a value: directories, links, files and texts by
// their path in the root. Host paths enter it with every link on their way, so that each is reachable in the
// root under the name that it has outside.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace kelp::verbs {

struct TreeDirectory {
  mode_t mode = 0755;
};
struct TreeLink {
  std::string target;
};
struct TreeFile {
  std::string source;  // host path without links
};
// A file that kelp writes itself, where the root has none.
struct TreeText {
  std::string text;
};

using TreeEntry = std::variant<TreeDirectory, TreeLink, TreeFile, TreeText>;

// Keys are absolute and go through no link of the tree itself; parents sort before what they hold.
using Tree = std::map<std::string, TreeEntry>;

// Where a host path leads.
struct HostPlace {
  std::string path;  // all links resolved
  mode_t mode = 0;   // of stat(2), with the type
};

// Adds the host's `path` (absolute) with all links and directories on the way. A directory at the end is
// added empty. Files of other kinds, and all below /proc, /sys and /dev, which kelp mounts afresh in every
// root, are refused. What was found before an error stays added: a link that leads nowhere is still a link.
Result<HostPlace> add_host_path(Tree& tree, std::string_view path);

// "/a" + "b" = "/a/b"; "/" + "b" = "/b".
std::string joined(std::string_view directory, std::string_view name);

// "/a/b" -> "/a"; "/a" -> "/".
std::string parent_of(std::string_view path);

}  // namespace kelp::verbs
