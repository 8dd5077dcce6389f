// SPDX-License-Identifier: Apache-2.0
// `kelp-oci features` and `kelp-oci spec`.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"
#include "oci/documents.h"
#include "sys/failure.h"
#include "sys/files.h"
#include "verbs/oci_bundle.h"
#include "verbs/oci_verbs.h"
#include "verbs/print.h"

namespace kelp::verbs {

Result<int> oci_features(const OciCall& /*call*/) {
  return print_out(oci::features_document({.version = KELP_VERSION}));
}

Result<int> oci_spec(const OciCall& call) {
  const std::string path = cat(absolute_path(call.arguments.bundle.value_or(".")), "/config.json");
  const std::string text = oci::default_config(
      {.is_rootless = call.arguments.is_rootless_spec, .user = ::geteuid(), .group = ::getegid()});
  const Result<sys::UniqueFd> fd = sys::open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (!fd && fd.error().code() == EEXIST) return oci::refusal(cat("File ", path, " exists. Remove it first"));
  if (!fd) return fd.error();
  if (Status s = sys::write_all(fd->get(), text, path); !s) return s.error();
  return 0;
}

}  // namespace kelp::verbs
