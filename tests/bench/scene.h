// SPDX-License-Identifier: Apache-2.0
// What the contenders work on: a temporary directory with a root file system that holds one static program
// and the usual mount points, as many sources and targets for binds as asked for, OCI bundles on the same
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
  // OCI bundles on the same root, whose command ends at once, when its stdin ends, and never.
  std::string bundle() const { return file("bundle"); }
  std::string waiting_bundle() const { return file("waiting"); }
  std::string idle_bundle() const { return file("idle"); }
  // The first, with so many binds; made when it is asked for.
  std::string bundle_with(int binds) const;
  // In memory, as /run is, where runtimes keep their state.
  std::string state() const { return state_.string(); }
  std::string file(const std::string& name) const { return (top_ / name).string(); }

 private:
  std::filesystem::path top_, state_;
};

}  // namespace kelp::bench
