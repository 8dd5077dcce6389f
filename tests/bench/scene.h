// SPDX-License-Identifier: Apache-2.0
// What the contenders work on: a temporary directory with a root file system that holds one static program
// and the usual mount points, as many sources and targets for binds as asked for, an OCI bundle on the same
// root for those that want one, and room for their state. Removed with the object.
#pragma once

#include <filesystem>
#include <string>

namespace kelp::bench {

class Scene {
 public:
  // `program` becomes /bin/true of the root.
  Scene(const std::string& program, int binds);
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  ~Scene();

  std::string root() const { return (top_ / "root").string(); }
  std::string sources() const { return (top_ / "sources").string(); }
  std::string bundle() const { return (top_ / "bundle").string(); }
  std::string state() const { return (top_ / "state").string(); }
  std::string file(const std::string& name) const { return (top_ / name).string(); }

 private:
  std::filesystem::path top_;
};

}  // namespace kelp::bench
