// SPDX-License-Identifier: Apache-2.0
// The files of the Container Device Interface on this machine, and which of them describes a device.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/surroundings.h"
#include "formats/cdi.h"

namespace kelp::cli {

struct CdiFileAt {
  std::string path;
  std::size_t rank = 0;  // of its directory: what a later one says of a device counts
  formats::CdiFile file;
};

struct CdiFiles {
  std::vector<CdiFileAt> files;
  // Files that cannot be read say nothing about the devices of others; they are told where one is not found.
  std::vector<Error> broken;
};

struct CdiFound {
  const CdiFileAt* at = nullptr;
  const formats::CdiDevice* device = nullptr;
};

// *.json and *.yaml in /etc/cdi, /var/run/cdi and the caller's own cdi in $XDG_CONFIG_HOME, which wins.
CdiFiles read_cdi_files(const Surroundings& around);

// Nothing where no file has it. Refuses what two files of equal rank describe.
Result<std::vector<CdiFound>> find_cdi_device(const CdiFiles& files, const formats::CdiName& name);

// What to say where no file has it: which devices there are.
Error no_such_cdi_device(const CdiFiles& files, const formats::CdiName& name);

}  // namespace kelp::cli
