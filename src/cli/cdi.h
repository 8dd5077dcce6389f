// SPDX-License-Identifier: Apache-2.0
// Devices of vendors (CDI) on their way into a Spec: what was found in files, and which parts of those are
// there already.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/cdi_files.h"
#include "spec/ids.h"
#include "spec/mounts.h"

namespace kelp::cli {

class CdiDevices {
 public:
  explicit CdiDevices(const Surroundings& around) : around_(around) {}

  // Puts a device, and what its file says for all of its devices, behind the mounts. `typed`: the flag.
  Status add(const formats::CdiName& name, const std::string& typed, std::vector<Mount>& mounts);

  // The devices called `device` of every vendor's class, as names.
  std::vector<formats::CdiName> of_class(std::string_view class_name, std::string_view device);

  // Why files could not be read.
  const std::vector<Error>& broken() { return files().broken; }

  const std::vector<std::string>& environment() const { return environment_; }
  // That the groups which the files name are kept.
  Status check_groups(bool keeps_groups) const;

 private:
  const CdiFiles& files();
  Status add_edits(const formats::CdiEdits& edits, const std::string& path, const std::string& typed,
                   std::vector<Mount>& mounts);
  void add_links(const formats::CdiEdits& edits, const std::vector<const formats::CdiEdits*>& all,
                 const std::string& origin, std::vector<Mount>& mounts) const;

  const Surroundings& around_;
  std::optional<CdiFiles> files_;  // read when the first device is asked for
  std::set<std::string> used_;     // paths of files, whose own edits are done
  std::vector<std::string> environment_;
  std::string group_wanted_by_;  // the first device that asks for a group; empty: none
  Id group_ = 0;
};

}  // namespace kelp::cli
